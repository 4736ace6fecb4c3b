/** The nearest-rank percentile, for every gauge of latencies on this side of the network. */

/**
 * @param sorted ascending
 * @param share 0 … 1
 * @returns null of nothing
 */
export function nearestRank(sorted: ArrayLike<number>, share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
