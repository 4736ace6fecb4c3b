/** Polls a condition with a bounded wait. Tests never sleep for a fixed time. */
export interface UntilOptions {
  timeoutMs?: number;
  everyMs?: number;
  /** Completes the sentence "waited N ms for …". */
  what: string;
}

/** Resolves with the first truthy value of `condition`; rejects after `timeoutMs` (default 5,000). */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<NonNullable<T>> {
  const { timeoutMs = 5_000, everyMs = 10, what } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
