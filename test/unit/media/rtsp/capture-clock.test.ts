import { describe, expect, it } from 'vitest';
import { CaptureClock } from '../../../../src/media/rtsp/capture-clock.ts';
import { RtpUnwrapper } from '../../../../src/media/rtsp/rtp-unwrapper.ts';

const T0 = 1_726_000_000_000_000;
const FRAME_TICKS = 3_600;
const FRAME_US = 40_000;

/** A camera at 25 fps whose picture n is captured at T0 + n·40 ms and arrives `delayUs(n)` later. */
function play(clock: CaptureClock, frames: number, delayUs: (n: number) => number, firstRtp = 4_294_900_000, from = 0) {
  const errorsUs: number[] = [];
  const utc: number[] = [];
  for (let n = from; n < from + frames; n += 1) {
    const rtp = (firstRtp + n * FRAME_TICKS) >>> 0;
    clock.observe(rtp, T0 + n * FRAME_US + delayUs(n));
    utc.push(clock.captureTime(rtp).utcUs);
    errorsUs.push(clock.captureTime(rtp).utcUs - (T0 + n * FRAME_US));
  }
  return { errorsUs, gapsUs: utc.slice(1).map((time, i) => time - (utc[i] ?? 0)) };
}

/** Deterministic jitter between 0 and 30 ms that is near 0 now and then. */
const jitter = (n: number) => ((n * 7_919) % 31) * 1_000;

describe('the capture clock', () => {
  it('estimates from arrival at first, says so, and finds the least delay across the wrap of rtp', () => {
    const clock = new CaptureClock();
    const { errorsUs, gapsUs } = play(clock, 500, jitter);
    expect(clock.captureTime(0).utcSource).toBe('arrival');
    const late = errorsUs.slice(300);
    expect(Math.max(...late.map(Math.abs))).toBeLessThan(3_000);
    expect(Math.max(...gapsUs.slice(300).map((gap) => Math.abs(gap - FRAME_US)))).toBeLessThan(900);
  });

  it('never runs back while it works off the late first packets', () => {
    const { errorsUs, gapsUs } = play(new CaptureClock(), 200, (n) => Math.max(5_000, 200_000 - n * 20_000));
    expect(Math.min(...gapsUs)).toBeGreaterThan(0.85 * FRAME_US);
    expect(errorsUs.at(-1)).toBeLessThan(20_000);
  });

  it('is not moved by one wrong sample, nor by a stall with its burst', () => {
    const clock = new CaptureClock();
    play(clock, 250, () => 5_000);
    const outlier = play(clock, 250, (n) => (n === 300 ? -200_000 : 5_000), 4_294_900_000, 250);
    expect(Math.min(...outlier.errorsUs)).toBeGreaterThan(4_000);
    const stall = play(clock, 250, (n) => (n >= 600 && n < 650 ? (650 - n) * FRAME_US : 5_000), 4_294_900_000, 500);
    expect(Math.max(...stall.errorsUs)).toBeLessThan(7_000);
  });

  it('follows the drift of a camera whose clock runs slow', () => {
    // 100 ppm: 40 s make 4 ms.
    const { errorsUs } = play(new CaptureClock(), 3_000, (n) => 2_000 + jitter(n) + n * 4);
    expect(errorsUs.at(-1)).toBeGreaterThan(10_000);
    expect(errorsUs.at(-1)).toBeLessThan(20_000);
  });

  it('works corrections in at the same pace where pictures are sent in another order than they were taken', () => {
    const inOrder = Array.from({ length: 75 }, (_, n) => n);
    // I, then P before the two B-frames that are shown first.
    const stored = [0, ...Array.from({ length: 24 }, (_, i) => [3 * i + 3, 3 * i + 1, 3 * i + 2]).flat()];
    const [plain, reordered] = [inOrder, stored].map((order) => {
      const clock = new CaptureClock();
      const utc: number[] = [];
      clock.onSenderReport(0, T0, T0);
      for (const [i, n] of order.entries()) {
        if (i === 1) clock.onSenderReport(0, T0 + 500_000, T0);
        clock.observe(n * FRAME_TICKS, T0 + i * FRAME_US);
        utc[n] = clock.captureTime(n * FRAME_TICKS).utcUs;
      }
      return { utc, corrected: (utc[72] as number) - T0 - 72 * FRAME_US };
    });
    expect(reordered?.corrected).toBeCloseTo(plain?.corrected as number, -4);
    for (const [n, time] of (reordered?.utc ?? []).slice(1).entries()) {
      expect(Math.abs(time - (reordered?.utc[n] as number) - FRAME_US)).toBeLessThan(0.31 * FRAME_US);
    }
  });

  it('begins anew when the camera jumps to another timeline', () => {
    const clock = new CaptureClock();
    play(clock, 100, () => 5_000);
    const jumped = play(clock, 100, () => 5_000, 4_294_900_000 + 3_600 * 90_000, 100);
    expect(Math.abs(jumped.errorsUs.at(-1) ?? 1e9)).toBeLessThan(10_000);
    const back = play(clock, 100, () => 5_000, 4_294_900_000, 200);
    expect(Math.abs(back.errorsUs.at(-1) ?? 1e9)).toBeLessThan(10_000);
  });

  it('takes the sender’s word as soon as there is one', () => {
    const clock = new CaptureClock();
    play(clock, 10, () => 90_000, 0);
    expect(clock.onSenderReport(9 * FRAME_TICKS, T0 + 9 * FRAME_US, T0 + 9 * FRAME_US)).toBe(true);
    const { errorsUs } = play(clock, 50, () => 90_000, 0, 10);
    expect(errorsUs.every((error) => Math.abs(error) <= 1)).toBe(true);
    expect(clock.captureTime(0)).toEqual({ utcUs: T0, utcSource: 'sender-report' });
  });

  it('works a small correction in slowly, and takes a large one at once', () => {
    const clock = new CaptureClock();
    clock.onSenderReport(0, T0, T0);
    play(clock, 10, () => 0, 0);
    clock.onSenderReport(10 * FRAME_TICKS, T0 + 10 * FRAME_US - 100_000, T0);
    const { errorsUs, gapsUs } = play(clock, 100, () => 0, 0, 10);
    expect(errorsUs[0]).toBeGreaterThan(-5_000);
    expect(Math.min(...gapsUs)).toBeGreaterThanOrEqual(0.9 * FRAME_US - 2);
    expect(Math.abs((errorsUs.at(-1) ?? 0) + 100_000)).toBeLessThan(2);
    clock.onSenderReport(110 * FRAME_TICKS, T0 + 110 * FRAME_US + 5_000_000, T0);
    expect(clock.captureTime(110 * FRAME_TICKS).utcUs).toBe(T0 + 110 * FRAME_US + 5_000_000);
  });

  it('does not use a report for a timeline that came after it', () => {
    const clock = new CaptureClock();
    clock.onSenderReport(0, T0, T0);
    play(clock, 50, () => 5_000, 0);
    const jump = 3_600 * 90_000;
    const jumped = play(clock, 50, () => 5_000, jump, 50);
    expect(Math.abs(jumped.errorsUs.at(-1) ?? 1e9)).toBeLessThan(10_000);
    expect(clock.captureTime(jump + 99 * FRAME_TICKS).utcSource).toBe('arrival');
    // The next report is of the new timeline, and is believed again.
    const atUs = T0 + 100 * FRAME_US;
    clock.onSenderReport(jump + 100 * FRAME_TICKS, atUs, atUs);
    play(clock, 10, () => 5_000, jump, 100);
    expect(clock.captureTime(jump + 100 * FRAME_TICKS)).toEqual({
      utcUs: Math.round(atUs),
      utcSource: 'sender-report',
    });
  });

  it('does not believe a sender whose clock was never set', () => {
    const clock = new CaptureClock();
    expect(clock.onSenderReport(0, 86_400e6, T0)).toBe(false);
    play(clock, 10, () => 5_000, 0);
    expect(clock.captureTime(0).utcSource).toBe('arrival');
  });
});

describe('the rtp unwrapper', () => {
  it('counts on over the wrap, and back', () => {
    const unwrapper = new RtpUnwrapper();
    expect(unwrapper.unwrap(0xffff_ff00)).toBe(0xffff_ff00);
    expect(unwrapper.unwrap(0x100)).toBe(0x1_0000_0100);
    expect(unwrapper.peek(0xffff_ffff)).toBe(0xffff_ffff);
    expect(unwrapper.unwrap(0x200)).toBe(0x1_0000_0200);
  });
});
