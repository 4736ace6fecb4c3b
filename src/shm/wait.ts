/**
 * `Atomics.waitAsync`, wrapped once for the whole project. Every wait is bounded, and the caller re-checks its
 * state after each wake. A pending wait does not keep a worker alive: the thread shell holds a port open for that.
 */

interface WaitAsyncAtomics {
  waitAsync(
    cells: Int32Array,
    index: number,
    value: number,
    timeoutMs: number,
  ): { async: false; value: 'not-equal' | 'timed-out' } | { async: true; value: Promise<'ok' | 'timed-out'> };
}

/**
 * Resolves when `cells[index]` was notified, no longer holds `seen`, or `timeoutMs` have passed.
 * @param timeoutMs 0 … 60,000
 */
export async function waitForChange(cells: Int32Array, index: number, seen: number, timeoutMs: number): Promise<void> {
  const result = (Atomics as unknown as WaitAsyncAtomics).waitAsync(cells, index, seen, timeoutMs);
  if (result.async) await result.value;
}
