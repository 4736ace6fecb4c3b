/** What a host's or a camera's clock that is set does to capture times, and what it does not. */
import { describe, expect, it } from 'vitest';
import { CaptureClock } from '../../../../src/media/rtsp/capture-clock.ts';

const T0 = 1_726_000_000_000_000;
const FRAME_TICKS = 3_600;
const FRAME_US = 40_000;

interface Scene {
  readonly frames?: number;
  /** Host's UTC − truth at frame n, µs. */
  readonly hostUs?: (n: number) => number;
  /** The host's steady clock − truth, µs. */
  readonly steadyUs?: (n: number) => number;
  /** The camera's report − truth, µs; absent: no reports. */
  readonly reportUs?: (n: number) => number;
}

/** Errors against the truth and gaps, µs, of 25 fps with a report each second. The clock is set at frame 500. */
function play({ frames = 1_000, hostUs = () => 0, steadyUs = () => 0, reportUs }: Scene) {
  const clock = new CaptureClock();
  const errorsUs: number[] = [];
  const gapsUs: number[] = [];
  let before: number | null = null;
  for (let n = 0; n < frames; n += 1) {
    const rtp = (4_294_900_000 + n * FRAME_TICKS) >>> 0;
    const truthUs = T0 + n * FRAME_US;
    const arrived = [truthUs + 5_000 + hostUs(n), n * FRAME_US + 5_000 + steadyUs(n)] as const;
    clock.observe(rtp, ...arrived);
    if (reportUs && n % 25 === 0) clock.onSenderReport(rtp, truthUs + reportUs(n), ...arrived);
    const { utcUs } = clock.captureTime(rtp);
    errorsUs.push(utcUs - truthUs);
    if (before !== null) gapsUs.push(utcUs - before);
    before = utcUs;
  }
  return { errorsUs, gapsUs, worstGapUs: Math.max(...gapsUs.slice(1).map((gap) => Math.abs(gap - FRAME_US))), clock };
}

const SETS_S = [0.2, -0.2, 2, -2, 3_600, -3_600];
const setBy = (s: number) => (n: number) => (n >= 500 ? s * 1e6 : 0);

describe('a host’s clock that is set', () => {
  it.each(SETS_S)('moves no capture time while the sender reports: by %d s', (s) => {
    const { errorsUs, worstGapUs, clock } = play({ hostUs: setBy(s), reportUs: () => 0 });
    expect(worstGapUs).toBeLessThanOrEqual(1);
    expect(Math.abs(errorsUs.at(-1) ?? 1e9)).toBeLessThanOrEqual(1);
    expect(clock.captureTime(0).utcSource).toBe('sender-report');
  });

  it.each(SETS_S)('is followed where arrival is all there is, small steps evenly: by %d s', (s) => {
    const { errorsUs, gapsUs, worstGapUs } = play({ hostUs: setBy(s) });
    expect(Math.abs((errorsUs.at(-1) ?? 1e9) - s * 1e6)).toBeLessThan(6_000);
    if (Math.abs(s) < 1) expect(worstGapUs).toBeLessThanOrEqual(0.02 * FRAME_US + 1);
    else expect(gapsUs.filter((gap) => Math.abs(gap - FRAME_US) > 0.02 * FRAME_US + 1)).toHaveLength(1);
  });

  it('drifts by 200 ppm, and capture times with it', () => {
    const { errorsUs, worstGapUs } = play({ frames: 3_000, hostUs: (n) => n * 8 });
    expect(Math.abs((errorsUs.at(-1) ?? 0) - 3_000 * 8 - 5_000)).toBeLessThan(3_000);
    expect(worstGapUs).toBeLessThan(900);
  });

  it.each([undefined, () => 0])(
    'slept for ten minutes: nothing moves, neither by arrival nor by reports',
    (reportUs) => {
      const { errorsUs, worstGapUs } = play({
        steadyUs: (n) => (n >= 500 ? -600e6 : 0),
        ...(reportUs && { reportUs }),
      });
      expect(worstGapUs).toBeLessThan(900);
      expect(Math.max(...errorsUs.map(Math.abs))).toBeLessThan(6_000);
    },
  );
});

describe('a camera’s clock that is set', () => {
  it.each(SETS_S)('is followed, small steps evenly: by %d s', (s) => {
    const { errorsUs, gapsUs, worstGapUs } = play({ reportUs: setBy(s) });
    expect(Math.abs((errorsUs.at(-1) ?? 1e9) - s * 1e6)).toBeLessThan(2);
    if (Math.abs(s) < 1) expect(worstGapUs).toBeLessThanOrEqual(0.02 * FRAME_US + 1);
    else expect(gapsUs.filter((gap) => Math.abs(gap - FRAME_US) > 0.02 * FRAME_US + 1)).toHaveLength(1);
  });
});
