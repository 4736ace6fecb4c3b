/** Errors in a few numbers. Pure. */

export interface Spread {
  readonly n: number;
  /** Signed: what is measured minus what is true. */
  readonly bias: number;
  readonly sigma: number;
  /** Of the absolute errors. */
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** null of nothing. */
export function spread(errors: readonly number[]): Spread | null {
  const n = errors.length;
  if (n === 0) return null;
  const bias = mean(errors);
  const sizes = errors.map(Math.abs).sort((a, b) => a - b);
  return {
    n,
    bias,
    sigma: Math.sqrt(mean(errors.map((e) => (e - bias) ** 2))),
    mean: mean(sizes),
    median: quantile(sizes, 0.5),
    p95: quantile(sizes, 0.95),
    max: sizes[n - 1] as number,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Linear between the order statistics (Hyndman and Fan, type 7). */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const lo = sorted[below] as number;
  return lo + (at - below) * ((sorted[below + 1] ?? lo) - lo);
}
