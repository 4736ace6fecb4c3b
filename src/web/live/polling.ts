/** A query that is asked again: soon after a failure, in its own rhythm after a success, at once when the page returns. */
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import { backoffMs } from './backoff.ts';

export interface Problem {
  /** In words, as the server put it or as the browser did. */
  readonly message: string;
  /** tRPC's code (`UNAUTHORIZED`, `NOT_FOUND` …); null when the server did not answer at all. */
  readonly code: string | null;
  /** When it is asked again, performance clock. */
  readonly retryAtMs: number;
}

export interface Polled<T> {
  /** The last answer, also while later ones fail. */
  readonly value: Accessor<T | undefined>;
  readonly problem: Accessor<Problem | null>;
  refresh(): void;
}

export function createPolled<T>(ask: () => Promise<T>, everyMs: number): Polled<T> {
  const [value, setValue] = createSignal<T>();
  const [problem, setProblem] = createSignal<Problem | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let turn = 0;
  const refresh = async () => {
    const mine = ++turn;
    clearTimeout(timer);
    let waitMs = everyMs;
    try {
      const answer = await ask();
      if (mine !== turn) return;
      failures = 0;
      setValue(() => answer);
      setProblem(null);
    } catch (error) {
      if (mine !== turn) return;
      waitMs = backoffMs(failures++, { baseMs: 1_000, maxMs: 15_000, jitter: 0.5 });
      setProblem({ ...describeFailure(error), retryAtMs: performance.now() + waitMs });
    }
    timer = setTimeout(refresh, waitMs);
  };
  const whenBack = () => {
    if (document.visibilityState === 'visible') void refresh();
  };
  document.addEventListener('visibilitychange', whenBack);
  onCleanup(() => {
    turn++;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', whenBack);
  });
  void refresh();
  return { value, problem, refresh: () => void refresh() };
}

/** tRPC's client error carries the server's code; without one nobody answered. */
export function describeFailure(error: unknown): { message: string; code: string | null } {
  const data = error && typeof error === 'object' && 'data' in error ? error.data : null;
  const code = data && typeof data === 'object' && 'code' in data ? String(data.code) : null;
  if (code === null) return { message: 'The server does not answer.', code };
  return { message: error instanceof Error ? error.message : String(error), code };
}
