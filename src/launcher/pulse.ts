/**
 * Asks a child every half second whether its main thread is alive. A hung main thread ends by nobody's hand: its
 * threads may work on, but nobody supervises them. Counts unanswered questions, not time: a machine that slept has
 * asked nothing meanwhile.
 */
import type { ChildProcess } from 'node:child_process';

const EVERY_MS = 500;

export interface PulseOptions {
  /** Without any answer for this long it counts as hung. */
  readonly withinMs: number;
  /** Called once. */
  onSilent(): void;
}

/** Returns what ends the asking. It ends by itself with the child. */
export function feelPulse(child: ChildProcess, { withinMs, onSilent }: PulseOptions): () => void {
  const allowed = Math.max(1, Math.round(withinMs / EVERY_MS));
  let unanswered = 0;
  const onMessage = (message: { readonly type?: unknown } | null): void => {
    if (message?.type === 'pong') unanswered = 0;
  };
  const end = (): void => {
    clearInterval(timer);
    child.off('message', onMessage);
  };
  const timer = setInterval(() => {
    if (unanswered >= allowed) {
      end();
      onSilent();
      return;
    }
    unanswered += 1;
    // An error here is the end of the child, which is noticed elsewhere.
    if (child.connected) child.send({ type: 'ping' }, () => {});
  }, EVERY_MS);
  child.on('message', onMessage);
  child.once('exit', end);
  return end;
}
