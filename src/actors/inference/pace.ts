/**
 * How much of what the cameras send can be analysed: measures what the model takes for a frame, compares it with what
 * comes in, and says for each camera which share of its frames to take. Pure; fed and asked by the inference room.
 *
 * Hysteresis: sampling begins when the work has been more than the time there is for `BEGIN_AFTER_MS`, and ends when it
 * would have been well below it for `END_AFTER_MS`; if sampling is needed again soon, twice as long the next time.
 */
import { fairShares } from './fair-shares.ts';

const LOOK_EVERY_MS = 500;
/** Work in a second, in seconds: from here on frames have to be left out, and below that not any more. */
const TOO_MUCH = 1;
const EASY = 0.8;
/** The share of the time that is given to the model while sampling: the rest absorbs frames that take longer. */
const GIVEN = 0.9;
const BEGIN_AFTER_MS = 1_000;
const END_AFTER_MS = 5_000;
const LONGEST_END_AFTER_MS = 80_000;
const SOON_MS = 60_000;
/** No run lasts so long (a thread that hangs is replaced before), and none less than nothing: the clock was set. */
const IMPOSSIBLE_MS = 3_000;
/** The weight of the newest look in the mean time of a frame. */
const NEWEST = 0.3;
/** A share that would change by less than this stays as it is. */
const WORTH_A_CHANGE = 0.1;

export class Pace {
  isSampling = false;
  /** Mean time for one frame, ms; null before the first. */
  frameMs: number | null = null;
  private shares: readonly number[] = [];
  private busyMs = 0;
  private served = 0;
  private lookedMs = Number.NEGATIVE_INFINITY;
  private since: number | null = null;
  private endedMs = Number.NEGATIVE_INFINITY;
  private endAfterMs = END_AFTER_MS;

  /** A frame was analysed, and took so long. */
  add(ms: number): void {
    if (ms < 0 || ms >= IMPOSSIBLE_MS) return;
    this.busyMs += ms;
    this.served += 1;
  }

  isDue(nowMs: number): boolean {
    return nowMs - this.lookedMs >= LOOK_EVERY_MS || nowMs < this.lookedMs;
  }

  /**
   * @param nowMs monotonic, or nearly so
   * @param demands frames a second that each camera would have analysed
   * @returns the share of them to take, for each camera, 0 … 1
   */
  look(nowMs: number, demands: readonly number[]): readonly number[] {
    this.lookedMs = nowMs;
    this.measure();
    const load = (demands.reduce((sum, demand) => sum + demand, 0) * (this.frameMs ?? 0)) / 1_000;
    this.decide(nowMs, load);
    this.shares = this.isSampling && this.frameMs ? this.sampled(demands, this.frameMs) : demands.map(() => 1);
    return this.shares;
  }

  private measure(): void {
    if (this.served === 0) return;
    const ms = this.busyMs / this.served;
    this.frameMs = this.frameMs === null ? ms : this.frameMs + NEWEST * (ms - this.frameMs);
    this.busyMs = 0;
    this.served = 0;
  }

  private decide(nowMs: number, load: number): void {
    const wants = this.isSampling ? load < EASY : load > TOO_MUCH;
    if (!wants || (this.since !== null && nowMs < this.since)) this.since = null;
    else this.since ??= nowMs;
    if (this.since === null) return;
    if (nowMs - this.since < (this.isSampling ? this.endAfterMs : BEGIN_AFTER_MS)) return;
    this.since = null;
    this.isSampling = !this.isSampling;
    if (!this.isSampling) this.endedMs = nowMs;
    else if (nowMs - this.endedMs < SOON_MS) this.endAfterMs = Math.min(2 * this.endAfterMs, LONGEST_END_AFTER_MS);
    else this.endAfterMs = END_AFTER_MS;
  }

  private sampled(demands: readonly number[], frameMs: number): readonly number[] {
    const rates = fairShares(demands, (GIVEN * 1_000) / frameMs);
    const next = demands.map((demand, i) => (demand > 0 ? Math.min(1, (rates[i] as number) / demand) : 1));
    // All or none: a share is a part of one whole.
    const isWorthIt = next.some((share, i) => Math.abs(share / (this.shares[i] ?? 0) - 1) > WORTH_A_CHANGE);
    return isWorthIt || next.length !== this.shares.length ? next : this.shares;
  }
}
