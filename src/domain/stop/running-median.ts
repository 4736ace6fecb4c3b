/**
 * The median of a window that slides over a list, in time proportional to the window and not to its sorting. Pure;
 * called by trajectory.ts, once for every sample of a pass.
 */
export class RunningMedian {
  private readonly sorted: Float64Array;
  private count = 0;

  /** @param most the largest number of values within the window at a time */
  constructor(most: number) {
    this.sorted = new Float64Array(most);
  }

  add(value: number): void {
    const at = this.placeOf(value);
    this.sorted.copyWithin(at + 1, at, this.count);
    this.sorted[at] = value;
    this.count++;
  }

  /** A value that was added before. */
  remove(value: number): void {
    const at = this.placeOf(value);
    this.sorted.copyWithin(at, at + 1, this.count);
    this.count--;
  }

  /** 0 of an empty window. */
  get value(): number {
    const { sorted, count } = this;
    if (count === 0) return 0;
    const half = count >> 1;
    const upper = sorted[half] as number;
    return count % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
  }

  private placeOf(value: number): number {
    let lo = 0;
    let hi = this.count;
    while (lo < hi) {
      const middle = (lo + hi) >> 1;
      if ((this.sorted[middle] as number) < value) lo = middle + 1;
      else hi = middle;
    }
    return lo;
  }
}
