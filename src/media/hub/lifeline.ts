/** Tells when the process that started us is gone, so that a hub never outlives a killed launcher. */
import { fstatSync } from 'node:fs';

/** Calls `onGone` once when the IPC channel, or the pipe at stdin, is closed from the other side. */
export function watchParent(onGone: () => void): void {
  let isGone = false;
  const gone = (): void => {
    if (isGone) return;
    isGone = true;
    onGone();
  };
  if (process.send) {
    process.on('disconnect', gone);
    // Listening keeps the channel referenced, so that its end is noticed.
    process.on('message', () => {});
    if (!process.connected) gone();
    return;
  }
  // A terminal or /dev/null says nothing about the parent; /dev/null would even end at once.
  if (!isPipe(0)) return;
  process.stdin.on('end', gone).on('close', gone).on('error', gone).resume();
}

function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}
