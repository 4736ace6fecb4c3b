/** The truth of a camera's clip, loaded when somebody first wants to see it; tried again by itself after a failure. */
import { type Accessor, createEffect, createSignal, onCleanup, untrack } from 'solid-js';
import { backoffMs } from '../live/backoff.ts';
import type { Problem } from '../live/polling.ts';
import { parseTruth, type TruthClip } from './truth-clip.ts';

export type TruthState =
  /** Nobody wants to see it, or there is none. */
  | { readonly kind: 'off' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'ready'; readonly clip: TruthClip };

export interface TruthSource {
  readonly state: Accessor<TruthState>;
  /** null unless it is ready and wanted. */
  readonly clip: Accessor<TruthClip | null>;
  retry(): void;
}

/** @param path of the truth, null where there is none; read once */
export function createTruth(path: string | null, isWanted: Accessor<boolean>): TruthSource {
  const [loaded, setLoaded] = createSignal<TruthState>({ kind: 'loading' });
  let abort: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const load = async () => {
    if (path === null) return;
    stop();
    const mine = new AbortController();
    abort = mine;
    // While it is tried again the reason of the failure stays.
    if (untrack(loaded).kind !== 'failed') setLoaded({ kind: 'loading' });
    try {
      const clip = await fetchTruth(path, mine.signal);
      failures = 0;
      if (!mine.signal.aborted) setLoaded({ kind: 'ready', clip });
    } catch (error) {
      if (mine.signal.aborted) return;
      const delay = backoffMs(failures++, { baseMs: 2_000, maxMs: 30_000, jitter: 0.5 });
      timer = setTimeout(load, delay);
      setLoaded({ kind: 'failed', problem: { ...asProblem(error), retryAtMs: performance.now() + delay } });
    }
  };
  const stop = () => {
    clearTimeout(timer);
    abort?.abort();
    abort = null;
  };
  createEffect(() => {
    if (!isWanted()) stop();
    else if (untrack(loaded).kind !== 'ready') void load();
  });
  onCleanup(stop);

  const state = (): TruthState => (path !== null && isWanted() ? loaded() : { kind: 'off' });
  return {
    state,
    clip: () => {
      const now = state();
      return now.kind === 'ready' ? now.clip : null;
    },
    retry: () => void load(),
  };
}

class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function fetchTruth(path: string, signal: AbortSignal): Promise<TruthClip> {
  const response = await fetch(path, { signal });
  if (response.ok) return parseTruth(await response.text());
  const body: unknown = await response.json().catch(() => null);
  const said = body && typeof body === 'object' && 'error' in body ? String(body.error) : null;
  throw new Refused(response.status, said ?? `The server answers with ${response.status}.`);
}

function asProblem(error: unknown): Pick<Problem, 'message' | 'code'> {
  if (error instanceof Refused) {
    return { message: error.message, code: error.status === 401 ? 'UNAUTHORIZED' : String(error.status) };
  }
  // `fetch` itself rejects with a TypeError when nobody answered.
  if (error instanceof TypeError) return { message: 'The server does not answer.', code: null };
  return { message: error instanceof Error ? error.message : String(error), code: 'PARSE' };
}
