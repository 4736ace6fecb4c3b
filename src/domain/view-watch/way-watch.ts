/**
 * Whether vehicles still drive over the stop line where and how they used to: a camera that was knocked shows them
 * beside their lane, or askew in it. The first passes after a calibration or a confirmation are what is usual; the last
 * ones are compared with them. Pure and bounded; changed in place, part of the analyzer's state (view-trust.ts).
 *
 * A shift counts when the intervals of both medians are apart and the medians differ by more than what calibration and
 * drivers may: the interval of a median is read off the ordered values themselves (Conover, Practical Nonparametric
 * Statistics, 3.2: ranks n/2 ± z·√n/2), so that it needs no law of scatter and becomes wide by itself where some drivers
 * keep left and some right. That more of them keep left today is no shift: the outermost must have gone along.
 */
import type { LineCrossing } from './line-crossing.ts';

/** How the last passes differ from the usual ones. */
export interface WayShift {
  readonly offsetM: number;
  readonly headingDeg: number;
  /** Number of passes that say so. */
  readonly passes: number;
}

export type WayFinding =
  | { readonly state: 'shifted'; readonly sinceUtc: number; readonly shift: WayShift }
  | { readonly state: 'usual' };

export const USUAL_PASSES = 40;
export const LATEST_PASSES = 20;
/** Smaller shifts are no alarm: drivers, loads and light can do that, and a verdict bears it. */
export const OFFSET_M = 0.4;
export const HEADING_DEG = 3;
/** Standard errors on each side that the intervals of both medians reach. */
const Z = 3;
/** The second outermost values must have gone this share of the way of the median. */
const ALL_SHARE = 0.5;
/** It is as usual again within this share of the thresholds. */
const BACK_SHARE = 0.5;

interface Pass extends LineCrossing {
  readonly tsUtc: number;
}

type Measure = (pass: LineCrossing) => number;
const offset: Measure = ({ offsetM }) => offsetM;
const heading: Measure = ({ headingDeg }) => headingDeg;

export class WayWatch {
  private usual: LineCrossing[] = [];
  private latest: Pass[] = [];

  /** null while too little is known. */
  take(crossing: LineCrossing, tsUtc: number): WayFinding | null {
    if (this.usual.length < USUAL_PASSES) {
      this.usual.push(crossing);
      return null;
    }
    this.latest.push({ ...crossing, tsUtc });
    if (this.latest.length > LATEST_PASSES) this.latest.shift();
    if (this.latest.length < LATEST_PASSES) return null;
    const offsetM = this.difference(offset);
    const headingDeg = this.difference(heading);
    const shift = { offsetM: round(offsetM, 2), headingDeg: round(headingDeg, 1), passes: LATEST_PASSES };
    if (this.isShifted(offset, OFFSET_M)) {
      return { state: 'shifted', sinceUtc: this.begin(offset, offsetM), shift };
    }
    if (this.isShifted(heading, HEADING_DEG)) {
      return { state: 'shifted', sinceUtc: this.begin(heading, headingDeg), shift };
    }
    const isBack = Math.abs(offsetM) < BACK_SHARE * OFFSET_M && Math.abs(headingDeg) < BACK_SHARE * HEADING_DEG;
    return isBack ? { state: 'usual' } : null;
  }

  /** The next finding is of passes after this moment only. */
  beginLatest(): void {
    this.latest = [];
  }

  /** What is usual is learned anew. */
  relearn(): void {
    this.usual = [];
    this.latest = [];
  }

  private difference(of: Measure): number {
    return middle(ordered(this.latest, of)) - middle(ordered(this.usual, of));
  }

  private isShifted(of: Measure, limit: number): boolean {
    const before = ordered(this.usual, of);
    const now = ordered(this.latest, of);
    const difference = middle(now) - middle(before);
    if (Math.abs(difference) <= limit) return false;
    const [low, high] = [interval(before), interval(now)];
    const isApart = difference > 0 ? high[0] > low[1] : high[1] < low[0];
    const left = (now[1] as number) - (before[1] as number);
    const right = (now.at(-2) as number) - (before.at(-2) as number);
    return isApart && left / difference > ALL_SHARE && right / difference > ALL_SHARE;
  }

  /** The first pass of those that are beyond half of the shift: where the sum of what speaks for it is largest. */
  private begin(of: Measure, difference: number): number {
    const half = middle(ordered(this.usual, of)) + difference / 2;
    let sum = 0;
    let most = Number.NEGATIVE_INFINITY;
    let first = this.latest.at(-1) as Pass;
    for (const pass of [...this.latest].reverse()) {
      sum += Math.sign(difference) * (of(pass) - half);
      if (sum <= most) continue;
      most = sum;
      first = pass;
    }
    return first.tsUtc;
  }
}

function ordered(passes: readonly LineCrossing[], of: Measure): number[] {
  return passes.map(of).sort((a, b) => a - b);
}

function middle(values: readonly number[]): number {
  const half = values.length >> 1;
  return ((values[half - 1] as number) + (values[half] as number)) / 2;
}

/** Of the median; both numbers of passes are even. */
function interval(values: readonly number[]): readonly [number, number] {
  const n = values.length;
  const rank = Math.max(0, Math.floor(n / 2 - (Z * Math.sqrt(n)) / 2));
  return [values[rank] as number, values[n - 1 - rank] as number];
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
