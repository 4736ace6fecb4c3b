/**
 * Ctrl-C and its relatives. The first signal asks for an orderly end, a later one for a quick one. npm passes on the
 * terminal's Ctrl-C that has already arrived, so a second one right after the first is the same wish.
 */

const SAME_WISH_MS = 1_000;
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface SignalWishes {
  onStop(signal: NodeJS.Signals): void;
  onHurry(signal: NodeJS.Signals): void;
  now?(): number;
}

/** Returns what takes the listeners off again. */
export function listenForSignals(
  { onStop, onHurry, now = () => performance.now() }: SignalWishes,
  emitter: NodeJS.EventEmitter = process,
): () => void {
  let firstMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstMs === undefined) {
      firstMs = now();
      onStop(signal);
    } else if (now() - firstMs > SAME_WISH_MS) {
      onHurry(signal);
    }
  };
  for (const signal of SIGNALS) emitter.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) emitter.off(signal, onSignal);
  };
}
