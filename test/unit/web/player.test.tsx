import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Player } from '../../../src/web/player/player.ts';
import type { PlayerState } from '../../../src/web/player/player-state.ts';
import type { StreamFailure } from '../../../src/web/player/stream-failure.ts';
import type { WhepFailure, WhepOptions } from '../../../src/web/player/whep-client.ts';

/** The two ways to the hub; both are run for real by the e2e tests. */
const ways = vi.hoisted(() => ({
  whep: [] as { options: WhepOptions; closed: boolean }[],
  whepFailure: null as WhepFailure | null,
  hls: 0,
  hlsClosed: 0,
  breakHls: (_failure: StreamFailure) => {},
  works: [] as boolean[],
  probes: 0,
  hangs: false,
  hlsHangs: false,
}));
vi.mock('../../../src/web/player/whep-client.ts', () => ({
  openWhep: async (options: WhepOptions) => {
    const attempt = { options, closed: false };
    ways.whep.push(attempt);
    if (ways.hangs) await new Promise((resolve) => options.signal.addEventListener('abort', resolve));
    if (options.signal.aborted) return { failure: { kind: 'aborted', detail: '' } };
    if (ways.whepFailure) return { failure: ways.whepFailure };
    return {
      session: {
        close: () => {
          attempt.closed = true;
        },
      },
    };
  },
}));
vi.mock('../../../src/web/player/hls-playback.ts', () => ({
  openHls: async (_video: unknown, _url: string, signal: AbortSignal, onBroken: (failure: StreamFailure) => void) => {
    ways.hls++;
    if (ways.hlsHangs) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ways.breakHls = onBroken;
    return {
      programUtc: (mediaS: number) => 1_000 + mediaS,
      close: () => {
        ways.hlsClosed++;
      },
    };
  },
}));
vi.mock('../../../src/web/player/webrtc-probe.ts', () => ({
  webrtcWorks: async () => {
    ways.probes++;
    return ways.works.shift() ?? false;
  },
}));

let states: PlayerState[] = [];
let left = 0;
let player: Player;

function open(): Player {
  player = new Player({
    video: Object.assign(document.createElement('video'), { play: async () => undefined }),
    mediaBase: '/media/front',
    bufferTargetMs: () => 120,
    onState: (state) => states.push(state),
    onLeaving: () => {
      left++;
    },
  });
  return player;
}
const last = () => states.at(-1);
const see = (visible: boolean) => {
  Object.defineProperty(document, 'visibilityState', { value: visible ? 'visible' : 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  Object.assign(ways, {
    whep: [],
    whepFailure: null,
    hls: 0,
    hlsClosed: 0,
    works: [],
    probes: 0,
    hangs: false,
    hlsHangs: false,
  });
  states = [];
  left = 0;
  see(true);
});
afterEach(() => {
  player.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('Player', () => {
  it('plays over WebRTC and says so with the first frame', async () => {
    open();
    await vi.advanceTimersByTimeAsync(10);
    expect(last()).toEqual({ kind: 'connecting', transport: 'webrtc' });
    player.frameShown();
    player.frameShown();
    expect(states.filter(({ kind }) => kind === 'playing')).toEqual([{ kind: 'playing', transport: 'webrtc' }]);
  });

  it('opens a new session when the picture stands still, and lets the last picture be taken first', async () => {
    open();
    await vi.advanceTimersByTimeAsync(10);
    player.frameShown();
    await vi.advanceTimersByTimeAsync(3_600);
    expect(left).toBe(1);
    expect(ways.whep[0]?.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(ways.whep.length).toBe(2);
  });

  it('opens a new session at once when the hub ended one with a picture, and in its turn one without', async () => {
    open();
    await vi.advanceTimersByTimeAsync(10);
    player.frameShown();
    ways.whep[0]?.options.onBroken({ kind: 'ended', detail: 'The hub ended the session.' });
    await vi.advanceTimersByTimeAsync(400);
    expect(ways.whep.length).toBe(2);
    ways.whep[1]?.options.onBroken({ kind: 'ended', detail: 'The hub ended the session.' });
    await vi.advanceTimersByTimeAsync(1_900);
    expect([ways.whep.length, last()]).toEqual([
      2,
      expect.objectContaining({ failure: { kind: 'no-media', detail: 'The hub ended the session.' } }),
    ]);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(ways.whep.length).toBe(3);
  });

  it('plays over HLS after three failures that do not heal, and knows the date of its pictures there', async () => {
    ways.whepFailure = { kind: 'refused', detail: 'codec' };
    open();
    await vi.advanceTimersByTimeAsync(8_000);
    expect([ways.whep.length, ways.hls]).toEqual([3, 1]);
    player.frameShown();
    expect(last()).toEqual({ kind: 'playing', transport: 'hls' });
    expect(player.programUtc(5)).toBe(1_005);
  });

  it('asks again when the server says so: sooner than by itself, and no sooner', async () => {
    ways.whepFailure = { kind: 'not-found', detail: '', retryAfterMs: 1_000 };
    open();
    await vi.advanceTimersByTimeAsync(1_200);
    expect(ways.whep.length).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(ways.whep.length).toBe(2);
    ways.whepFailure = { kind: 'busy', detail: 'too many readers', retryAfterMs: 15_000 };
    await vi.advanceTimersByTimeAsync(1_300);
    expect(last()).toMatchObject({ kind: 'waiting', failure: { kind: 'busy', detail: 'too many readers' } });
    const asked = ways.whep.length;
    await vi.advanceTimersByTimeAsync(14_900);
    expect(ways.whep.length).toBe(asked);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(ways.whep.length).toBe(asked + 1);
  });

  it('plays over HLS when the hub has no place for another viewer over WebRTC', async () => {
    ways.whepFailure = { kind: 'busy', detail: 'too many readers', retryAfterMs: 1_000 };
    open();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ways.hls).toBe(1);
  });

  it('plays over HLS at once where WebRTC will not do, and does not hurry when HLS fails, too', async () => {
    ways.whepFailure = { kind: 'codec', detail: 'H.265', isFinal: true };
    open();
    await vi.advanceTimersByTimeAsync(500);
    expect([ways.whep.length, ways.hls]).toEqual([1, 1]);
    ways.breakHls({ kind: 'unreachable', detail: 'HLS: manifestLoadError' });
    await vi.advanceTimersByTimeAsync(1_900);
    expect([ways.whep.length, ways.hls]).toEqual([1, 1]);
    // What the hub said is worth more than that HLS fails as well.
    expect(last()).toMatchObject({ kind: 'waiting', failure: { kind: 'codec', detail: 'H.265' } });
    await vi.advanceTimersByTimeAsync(1_700);
    expect([ways.whep.length, ways.hls]).toEqual([2, 2]);
  });

  it('takes what HLS says where that tells more than WebRTC had', async () => {
    ways.whepFailure = { kind: 'refused', detail: 'no', isFinal: true };
    open();
    await vi.advanceTimersByTimeAsync(500);
    expect(states.map(({ kind }) => kind)).not.toContain('waiting');
    ways.breakHls({ kind: 'codec', detail: 'HLS: bufferAddCodecError' });
    await vi.advanceTimersByTimeAsync(100);
    expect(last()).toMatchObject({ kind: 'waiting', failure: { kind: 'codec', detail: 'HLS: bufferAddCodecError' } });
    // It is still so while the next attempt is made, until there is a picture.
    await vi.advanceTimersByTimeAsync(3_200);
    const again = { kind: 'connecting', again: expect.objectContaining({ kind: 'refused' }) };
    expect(states.slice(-3)).toContainEqual(expect.objectContaining(again));
    player.frameShown();
    expect(last()).toEqual({ kind: 'playing', transport: 'hls' });
  });

  it('says why HLS ended once it has played, whatever WebRTC had been refused for', async () => {
    ways.whepFailure = { kind: 'codec', detail: 'H.265', isFinal: true };
    open();
    await vi.advanceTimersByTimeAsync(500);
    player.frameShown();
    ways.breakHls({ kind: 'unreachable', detail: 'HLS: manifestLoadError' });
    await vi.advanceTimersByTimeAsync(100);
    expect(last()).toMatchObject({ failure: { kind: 'unreachable' } });
  });

  it('stays with WebRTC while there only is no stream', async () => {
    ways.whepFailure = { kind: 'not-found', detail: '' };
    open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ways.whep.length).toBeGreaterThan(5);
    expect(ways.hls).toBe(0);
    expect(last()).toMatchObject({ kind: 'waiting', failure: { kind: 'not-found' } });
  });

  it('goes back from HLS to WebRTC when that works again', async () => {
    ways.whepFailure = { kind: 'no-media', detail: 'blocked' };
    ways.works = [false, true];
    open();
    await vi.advanceTimersByTimeAsync(8_000);
    const tick = setInterval(() => player.frameShown(), 100);
    ways.whepFailure = null;
    await vi.advanceTimersByTimeAsync(25_000);
    expect(last()).toEqual({ kind: 'playing', transport: 'hls' });
    await vi.advanceTimersByTimeAsync(60_000);
    clearInterval(tick);
    expect(last()).toMatchObject({ transport: 'webrtc' });
    expect([ways.hls, ways.hlsClosed, left]).toEqual([1, 1, 1]);
    expect(player.programUtc(5)).toBeNull();
  });

  it('gives the stream back after a minute in which nobody looks, and opens it again at once', async () => {
    open();
    await vi.advanceTimersByTimeAsync(10);
    player.frameShown();
    see(false);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(ways.whep[0]?.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ways.whep[0]?.closed).toBe(true);
    expect(last()).toEqual({ kind: 'away', transport: 'webrtc' });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ways.whep.length).toBe(1);
    see(true);
    await vi.advanceTimersByTimeAsync(10);
    expect(ways.whep.length).toBe(2);
  });

  it('does not leave a page that is only hidden for a moment', async () => {
    open();
    await vi.advanceTimersByTimeAsync(10);
    see(false);
    await vi.advanceTimersByTimeAsync(30_000);
    see(true);
    await vi.advanceTimersByTimeAsync(5_000);
    see(false);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(states.some(({ kind }) => kind === 'away')).toBe(false);
  });

  it('opens a new session on another network, and does not wait for its turn when it was waiting', async () => {
    open();
    await vi.advanceTimersByTimeAsync(10);
    player.frameShown();
    dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(500);
    expect(ways.whep.length).toBe(2);
    ways.whep[1]?.options.onBroken({ kind: 'no-media', detail: 'gone' });
    await vi.advanceTimersByTimeAsync(100);
    expect(last()).toMatchObject({ kind: 'waiting', failure: { kind: 'no-media', detail: 'gone' } });
    dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(10);
    expect(ways.whep.length).toBe(3);
  });

  it('opens nothing for a hidden page, neither between two attempts nor when the network comes back', async () => {
    ways.whepFailure = { kind: 'not-found', detail: '' };
    open();
    await vi.advanceTimersByTimeAsync(5_000);
    see(false);
    await vi.advanceTimersByTimeAsync(80_000);
    const before = ways.whep.length;
    expect(last()).toEqual({ kind: 'away', transport: 'webrtc' });
    dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ways.whep.length).toBe(before);
    see(true);
    await vi.advanceTimersByTimeAsync(10);
    expect(ways.whep.length).toBe(before + 1);
  });

  it('gives a session up that is still being opened when the page is closed or the network changes', async () => {
    ways.hangs = true;
    open();
    await vi.advanceTimersByTimeAsync(10);
    dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(500);
    expect(ways.whep.length).toBe(2);
    expect(ways.whep[0]?.options.signal.aborted).toBe(true);
    player.close();
    expect(ways.whep[1]?.options.signal.aborted).toBe(true);
  });

  it('blames the server and not WebRTC while a session cannot even be asked for', async () => {
    ways.hangs = true;
    open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ways.hls).toBe(0);
    expect(states).toContainEqual(expect.objectContaining({ failure: expect.objectContaining({ kind: 'timeout' }) }));
  });

  it('goes on when the code of the HLS player never comes, and closes one that comes too late', async () => {
    ways.whepFailure = { kind: 'refused', detail: 'codec' };
    open();
    ways.hlsHangs = true;
    await vi.advanceTimersByTimeAsync(8_000);
    expect([ways.hls, ways.hlsClosed]).toEqual([1, 0]);
    const tried = ways.whep.length;
    await vi.advanceTimersByTimeAsync(27_000);
    expect(ways.whep.length).toBeGreaterThan(tried);
    expect(ways.hlsClosed).toBe(1);
    expect(player.programUtc(5)).toBeNull();
  });

  it('tries WebRTC less and less often while it connects and never shows a picture, and is soon back at HLS', async () => {
    ways.whepFailure = { kind: 'no-media', detail: 'cannot be decoded' };
    ways.works = Array.from({ length: 99 }, () => true);
    open();
    const tick = setInterval(() => last()?.transport === 'hls' && player.frameShown(), 100);
    await vi.advanceTimersByTimeAsync(10_000);
    const before = ways.whep.length;
    await vi.advanceTimersByTimeAsync(600_000);
    clearInterval(tick);
    expect(ways.probes).toBeLessThan(6);
    expect(ways.whep.length - before).toBe(ways.probes);
  });

  it('does not call a session that has ended playing', async () => {
    open();
    await vi.advanceTimersByTimeAsync(10);
    ways.whep[0]?.options.onBroken({ kind: 'no-media', detail: 'gone' });
    player.frameShown();
    expect(states.some(({ kind }) => kind === 'playing')).toBe(false);
  });

  it('does nothing more once it is closed', async () => {
    open();
    await vi.advanceTimersByTimeAsync(10);
    player.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ways.whep.length).toBe(1);
    expect(ways.whep[0]?.closed).toBe(true);
  });
});
