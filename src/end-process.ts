/**
 * Ends the analyzer when threads may be inside native code. `process.exit` tears the threads down first, and a thread with
 * an open server or a model run under way then aborts the whole process: the code is lost, and sometimes what was just
 * said. So the launcher is told code and reason, and the process ends itself by a signal that asks nobody. See
 * docs/adr/0018. Main thread only.
 */
import type { EndingMessage } from './rpc/ending.ts';

/** The launcher has hung up, or the pipe is full: then it learns the rest from the end itself. */
const TOLD_WITHIN_MS = 250;

export interface EndingProcess {
  readonly pid: number;
  send?: ((message: EndingMessage, then: () => void) => unknown) | undefined;
  kill(pid: number, signal: 'SIGKILL'): unknown;
  exit(code: number): unknown;
}

/** @param why one sentence for the operator */
export function endProcess(code: number, why: string, self: EndingProcess = process as EndingProcess): void {
  if (!self.send) {
    self.exit(code);
    return;
  }
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    self.kill(self.pid, 'SIGKILL');
  };
  setTimeout(end, TOLD_WITHIN_MS);
  try {
    self.send({ type: 'ending', code, why }, end);
  } catch {
    end();
  }
}
