/**
 * One doorbell a room: whoever puts something into a ring the room reads (or frees space in one it writes) rings it.
 * A room therefore waits in one place however many rings it serves. The cells live in shared memory and outlive rooms.
 *
 *   byte   0  bell 0 (int32, counts rings, wraps)
 *   byte 128  bell 1 …            one cell per 128 bytes: no false sharing between rooms
 */
import { waitForChange } from './wait.ts';

const CELL_STRIDE = 32;

export class Bell {
  private readonly cells: Int32Array;
  private readonly index: number;

  constructor(board: SharedArrayBuffer, slot: number) {
    this.cells = new Int32Array(board);
    this.index = slot * CELL_STRIDE;
    if (slot < 0 || this.index >= this.cells.length) throw new RangeError(`bell ${slot} lies outside the bell board`);
  }

  static bytesFor(bells: number): number {
    return bells * CELL_STRIDE * Int32Array.BYTES_PER_ELEMENT;
  }

  /** To be read before looking at the rings; a ring between the look and the wait is then not missed. */
  seen(): number {
    return Atomics.load(this.cells, this.index);
  }

  ring(): void {
    Atomics.add(this.cells, this.index, 1);
    Atomics.notify(this.cells, this.index);
  }

  /** Resolves at the next ring after `seen`, at the latest after `timeoutMs`. */
  wait(seen: number, timeoutMs: number): Promise<void> {
    return waitForChange(this.cells, this.index, seen, timeoutMs);
  }
}
