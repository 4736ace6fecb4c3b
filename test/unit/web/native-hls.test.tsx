/** The browser's own HLS player, as far as it can be had without Safari: its element, its error event, and being closed. */
import { afterEach, expect, it, vi } from 'vitest';
import { openNative } from '../../../src/web/player/hls-playback.ts';
import type { StreamFailure } from '../../../src/web/player/stream-failure.ts';

afterEach(() => vi.unstubAllGlobals());

function opened(status: number) {
  const video = document.createElement('video');
  video.canPlayType = () => 'maybe';
  vi.stubGlobal('fetch', async () => ({ status }));
  const failures: StreamFailure[] = [];
  const playback = openNative(video, '/media/front/hls/index.m3u8', (failure) => failures.push(failure));
  const breakIt = (code: number) => {
    Object.defineProperty(video, 'error', { value: { code, message: '' }, configurable: true });
    video.dispatchEvent(new Event('error'));
  };
  return { video, playback, failures, breakIt };
}

it('tells once why there is no picture, as the server has it', async () => {
  const { failures, breakIt } = opened(404);
  breakIt(4);
  await vi.waitFor(() => expect(failures.map(({ kind }) => kind)).toEqual(['not-found']));
});

it('says nothing any more once it is closed, not even of what it was asking about', async () => {
  const { video, playback, failures, breakIt } = opened(404);
  breakIt(4);
  playback.close();
  breakIt(4);
  await new Promise(setImmediate);
  expect(failures).toEqual([]);
  expect(video.hasAttribute('src')).toBe(false);
});

it('is not opened where the browser has none', () => {
  const video = document.createElement('video');
  video.canPlayType = () => '';
  expect(() => openNative(video, '/x', () => {})).toThrow('neither WebRTC nor HLS');
});
