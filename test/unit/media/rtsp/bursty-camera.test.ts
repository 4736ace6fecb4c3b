/**
 * A camera that sends several pictures at once, as over Wi-Fi or LTE: their capture times from the first session's beginning on,
 * and whether judgement, which runs on them, leaves any out. From the RTP timestamps to even time; pure.
 */
import { describe, expect, it } from 'vitest';
import { newEvenTime, takeTime } from '../../../../src/domain/even-time/even-time.ts';
import type { Observation } from '../../../../src/domain/types.ts';
import { CaptureClock } from '../../../../src/media/rtsp/capture-clock.ts';

const T0_US = 1_795_000_000_000_000;
const FPS = 30;
const FRAME_US = 1e6 / FPS;
const NETWORK_US = 5_000;

interface Session {
  /** Number of its first picture since T0. */
  readonly from: number;
  readonly frames: number;
  /** Pictures that leave the camera together, with the last of them. */
  readonly burst: number;
  /** When there is a sender report: at every sixtieth picture from this one on. */
  readonly reportFrom?: number;
  /** By so much the sender's clock is ahead of ours. */
  readonly clockUs?: number;
}

interface Seen {
  readonly session: number;
  /** Capture time as estimated minus as it was, ms. */
  readonly errorMs: number;
  /** To the picture before in the session, by capture time and by even time, ms. */
  readonly evenStepMs: number;
  readonly isIgnored: boolean;
}

function play(sessions: readonly Session[]): Seen[] {
  const time = newEvenTime();
  let even: number | null = null;
  const seen: Seen[] = [];
  for (const [
    session,
    { from, frames, burst, reportFrom = Number.POSITIVE_INFINITY, clockUs = 0 },
  ] of sessions.entries()) {
    const clock = new CaptureClock();
    for (let i = 0; i < frames; i += 1) {
      const n = from + i;
      const capturedUs = T0_US + n * FRAME_US;
      const arrivalUs = T0_US + (Math.floor(n / burst) * burst + burst - 1) * FRAME_US + NETWORK_US;
      const rtp = (4_294_900_000 + session * 7_000_000 + i * (90_000 / FPS)) >>> 0;
      if (i >= reportFrom && (i - reportFrom) % 60 === 0) clock.onSenderReport(rtp, capturedUs + clockUs, arrivalUs);
      clock.observe(rtp, arrivalUs);
      const { utcUs } = clock.captureTime(rtp);
      const media = { epoch: session + 1, rtp, receivedUtc: arrivalUs / 1e6 };
      const next = takeTime(time, { tsUtc: utcUs / 1e6, media } as Observation, even);
      const isIgnored: boolean = even !== null && next <= even;
      seen.push({
        session,
        errorMs: (utcUs - capturedUs - clockUs) / 1_000,
        evenStepMs: i === 0 || isIgnored || even === null ? FRAME_US / 1_000 : (next - even) * 1_000,
        isIgnored,
      });
      if (!isIgnored) even = next;
    }
  }
  return seen;
}

const worst = (seen: readonly Seen[]) => Math.max(...seen.map(({ errorMs }) => Math.abs(errorMs)));
const ignored = (seen: readonly Seen[]) => seen.filter(({ isIgnored }) => isIgnored).length;

const BURST = 5;
/** Wherever in a burst a session begins. */
const PHASES = [0, 1, 2, 3, 4];

describe('a camera that sends five pictures at once, six times a second', () => {
  it.each(PHASES)(
    'has capture times from its first picture on that are late by a burst at most, beginning with number %i of one',
    (from) => {
      const seen = play([{ from, frames: 600, burst: BURST }]);
      expect(worst(seen)).toBeLessThanOrEqual(((BURST - 1) * FRAME_US + NETWORK_US) / 1_000 + 0.1);
      // Two seconds later only the way is left in them.
      expect(worst(seen.slice(2 * FPS))).toBeLessThanOrEqual(NETWORK_US / 1_000 + 1);
      expect(worst(play([{ from, frames: 600, burst: BURST, reportFrom: 45 }]).slice(45))).toBeLessThan(0.1);
    },
  );

  it.each(PHASES)(
    'is judged on even steps, and no picture is left out, beginning with number %i of a burst',
    (from) => {
      for (const reportFrom of [undefined, 0, 45, 400]) {
        const seen = play([{ from, frames: 600, burst: BURST, ...(reportFrom !== undefined && { reportFrom }) }]);
        const steps = seen.map(({ evenStepMs }) => evenStepMs / (FRAME_US / 1_000));
        expect(ignored(seen)).toBe(0);
        // The first report takes the place of an estimate at once.
        expect(Math.min(...steps)).toBeGreaterThan(0.5);
        expect(Math.max(...steps)).toBeLessThan(1.11);
      }
    },
  );

  it.each(PHASES)('loses none with another session either, that begins with number %i of a burst', (from) => {
    for (const first of [undefined, 0]) {
      for (const second of [undefined, 0, 45]) {
        for (const away of [1, 30]) {
          const seen = play([
            { from: 0, frames: 300 + from, burst: BURST, ...(first !== undefined && { reportFrom: first }) },
            {
              ...{ from: 300 + from + away, frames: 300, burst: BURST },
              ...(second !== undefined && { reportFrom: second }),
            },
          ]);
          expect(ignored(seen)).toBe(0);
        }
      }
    }
  });

  it.each([0.1, 0.4, 1, 3, 4.9, 8])(
    'is looked at again after half a second and a burst when its clock was set back by %f s between two sessions',
    (setBackS) => {
      const sessions = [
        { from: 0, frames: 300, burst: BURST, reportFrom: 0 },
        { from: 330, frames: 300, burst: BURST, reportFrom: 0, clockUs: -(setBackS + 1) * 1e6 },
      ];
      const seen = play(sessions);
      // So long it may be a repeat of what was seen.
      expect(ignored(seen)).toBeLessThanOrEqual(Math.ceil(0.4 * FPS) + BURST);
      expect(seen.findLastIndex(({ isIgnored }) => isIgnored)).toBeLessThan(300 + Math.ceil(0.4 * FPS) + 2 * BURST);
    },
  );
});
