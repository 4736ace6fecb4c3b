/**
 * The spool writes and reads at once, so that a fact is safe before its record leaves the ring; a slow disk then holds the
 * persister's thread. Its row says so meanwhile, so that the watchdog can tell waiting for a disk (5 s) from a hang in
 * JavaScript (1.5 s). Used by the persister's worker.
 */
import type { StatusRow } from '../../shm/status-board.ts';
import type { Spool } from './ports.ts';

/** The same spool; `inNative` is 1 while the system works for it. */
export function markDiskWaits(spool: Spool, row: Pick<StatusRow, 'set'>): Spool {
  const waiting = <T>(work: () => T): T => {
    row.set('inNative', 1);
    try {
      return work();
    } finally {
      row.set('inNative', 0);
    }
  };
  return {
    get pendingBytes() {
      return spool.pendingBytes;
    },
    append: (payload) => waiting(() => spool.append(payload)),
    read: (limit) => waiting(() => spool.read(limit)),
    release: (batch) => waiting(() => spool.release(batch)),
    sync: () => spool.sync(),
    close: () => waiting(() => spool.close()),
  };
}
