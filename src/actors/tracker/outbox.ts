/**
 * Facts on their way to the persister. When its ring is full, single frames are shed and counted; events, passes and
 * tracks wait here in order. Too many waiting ones stop the tracker's intake, so nothing of them is ever lost.
 */
import { encodeRecord, type Fact, RECORD } from '../../rpc/records.ts';
import type { RecordRingWriter } from '../../shm/record-ring.ts';

const LIMIT = 1_000;

export class Outbox {
  private readonly waiting: Uint8Array[] = [];
  private readonly ring: RecordRingWriter;

  constructor(ring: RecordRingWriter) {
    this.ring = ring;
  }

  get isFull(): boolean {
    return this.waiting.length >= LIMIT;
  }

  get length(): number {
    return this.waiting.length;
  }

  /** Returns false when the fact was shed. */
  put(fact: Fact): boolean {
    const payload = this.encode(fact);
    if (this.flush() && this.ring.tryWrite(RECORD.facts, payload)) return true;
    if (fact.kind === 'frame') return false;
    this.waiting.push(payload);
    return true;
  }

  /** A pass too large for the ring goes without what it was judged on, rather than not at all. */
  private encode(fact: Fact): Uint8Array {
    const payload = encodeRecord(fact);
    if (payload.length <= this.ring.maxRecordBytes || fact.kind !== 'event') return payload;
    return encodeRecord({ kind: 'event', event: fact.event });
  }

  /** Writes what waits, oldest first; true when nothing waits any more. */
  flush(): boolean {
    while (this.waiting.length > 0) {
      if (!this.ring.tryWrite(RECORD.facts, this.waiting[0] as Uint8Array)) return false;
      this.waiting.shift();
    }
    return true;
  }
}
