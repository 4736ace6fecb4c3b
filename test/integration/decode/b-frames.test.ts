/** Cameras whose pictures come in another order than they were taken, through the decoder room with real decoders. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { HubCamera } from '../../../src/actors/decoder/hub-camera.ts';
import { decoderSettings } from '../../../src/actors/decoder/settings.ts';
import type { VideoCodec } from '../../../src/media/access-unit.ts';
import type { BackendName } from '../../../src/media/decode/backend.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';
import { makeClip, splitAccessUnits } from '../../support/clip.ts';
import { openDecoderRoom, picturesOf } from '../../support/decoder-room.ts';
import { openHub, pushClip, untilReady } from '../../support/hub.ts';
import { until } from '../../support/until.ts';

const FPS = 15;
const TICKS = 90_000 / FPS;
const FRAMES = 45;
/** Of 2^32, so that the timestamps wrap on the way. */
const FIRST_RTP = 2 ** 32 - 10 * TICKS;
const T0_US = 1_795_388_514_000_000;

/** Presentation numbers of the pictures in the order in which they are stored. */
async function storedOrder(path: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts', '-of', 'csv=p=0', path],
  ]);
  const times = stdout
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 10));
  const sorted = times.toSorted((a, b) => a - b);
  return times.map((time) => sorted.indexOf(time));
}

describe.each<[BackendName, VideoCodec]>([
  ['node-av', 'h264'],
  ['node-av', 'h265'],
  ['beamcoder', 'h264'],
  ['beamcoder', 'h265'],
])('a camera with two B-frames between others, decoded by %s from %s', (backend, codec) => {
  const isMissing = backend === 'beamcoder' && process.env['STOPSIGN_WITHOUT_BEAMCODER'] === '1';

  it.skipIf(isMissing)('comes in presentation order, each picture with the time of its own access unit', async () => {
    await using clip = await makeClip({ codec, fps: FPS, frames: FRAMES, bframes: 2, file: 'clip.mp4' });
    const order = await storedOrder(clip.path);
    expect(order.slice(0, 4)).not.toEqual([0, 1, 2, 3]);
    const raw = clip.path.replace('.mp4', codec === 'h264' ? '.h264' : '.hevc');
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', clip.path, '-c', 'copy', raw]);
    const units = splitAccessUnits(await readFile(raw), codec);
    expect(units).toHaveLength(FRAMES);
    await using room = await openDecoderRoom({ backend });
    let mostHeldBack = 0;
    for (const [n, data] of units.entries()) {
      const shown = order[n] as number;
      room.listener.onUnit({
        ...{ epoch: 1, codec, data, key: n % FPS === 0, utcSource: 'sender-report', receivedUs: T0_US },
        rtp: (FIRST_RTP + shown * TICKS) % 2 ** 32,
        utcUs: T0_US + Math.round((shown * 1e6) / FPS),
      });
      await room.work();
      mostHeldBack = Math.max(mostHeldBack, n + 1 - room.frames.length);
    }
    // What the decoder still holds belongs to the end of a session.
    const count = room.frames.length;
    expect(mostHeldBack).toBeLessThanOrEqual(2);
    expect(count).toBeGreaterThanOrEqual(FRAMES - 2);
    const expected = (await picturesOf(clip.path, 320, 180)).slice(0, count);
    expect(room.frames.map(({ rtp, captureTsUs }) => [rtp, captureTsUs])).toEqual(
      expected.map((_, n) => [(FIRST_RTP + n * TICKS) % 2 ** 32, T0_US + Math.round((n * 1e6) / FPS)]),
    );
    expect(room.frames.map(({ bytes }, n) => bytes.equals(expected[n] as Buffer))).toEqual(expected.map(() => true));
    expect(room.frames.map(({ frame }) => frame)).toEqual(expected.map((_, n) => n));
    expect(room.row.snapshot()).toMatchObject({ in: FRAMES, out: count, dropped: 0, errors: 0 });
    expect(room.details).toEqual([]);
  });
});

test('B-frames over RTSP, through the hub, come in presentation order and none is lost', async () => {
  await using clip = await makeClip({ fps: FPS, frames: 20 * FPS, bframes: 2 });
  await using hub = await openHub();
  await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
  await untilReady(hub.urls, 'cam');
  const settings = decoderSettings.parse({ camera: 'cam', url: `${hub.urls.rtsp}/cam`, hubApi: hub.urls.api });
  await using room = await openDecoderRoom({ camera: new HubCamera(settings, 0, systemClock) });
  const isEnough = async () => {
    await room.work();
    return room.frames.length >= FRAMES;
  };
  await until(isEnough, { timeoutMs: 15_000, what: 'three seconds of pictures' });
  const steps = room.frames.slice(1).map(({ rtp, captureTsUs }, n) => {
    const before = room.frames[n] as (typeof room.frames)[number];
    return { ticks: (rtp - before.rtp) >>> 0, us: captureTsUs - before.captureTsUs };
  });
  expect(steps.filter(({ ticks }) => Math.abs(ticks - TICKS) > 1)).toEqual([]);
  // Corrections of the capture clock are worked in by up to a tenth of what goes by, which is three pictures at a P-frame.
  expect(steps.filter(({ us }) => Math.abs(us - 1e6 / FPS) > 0.31 * (1e6 / FPS))).toEqual([]);
  expect(room.row.snapshot()).toMatchObject({ dropped: 0, errors: 0, lostPackets: 0, skippedUnits: 0 });
});
