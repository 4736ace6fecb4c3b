/**
 * Facts on their way to the persister. When its ring is full, single frames are shed and counted; events, passes and
 * tracks wait here in order. Too many waiting ones, or too large ones, stop the tracker's intake, so nothing of them is
 * ever lost. What the persister has not taken is kept here until it has, a predecessor's facts included: see `untold`.
 */
import { encodeRecord, type Fact, RECORD, tryDecodeRecord } from '../../rpc/records.ts';
import type { RecordRingWriter } from '../../shm/record-ring.ts';

const MOST_FACTS = 1_000;
/** A pass with what it was judged on takes up to 100 kB. */
const MOST_BYTES = 8 * 2 ** 20;

/** A fact in the ring; `place` counts the ring's records up to it. */
interface Untaken {
  readonly place: number;
  readonly payload: Uint8Array;
}

export class Outbox {
  private readonly ring: RecordRingWriter;
  private readonly waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private readonly untaken: Untaken[];

  constructor(ring: RecordRingWriter) {
    this.ring = ring;
    this.untaken = untakenOf(ring);
  }

  get isFull(): boolean {
    return this.waiting.length >= MOST_FACTS || this.waitingBytes >= MOST_BYTES;
  }

  get length(): number {
    return this.waiting.length;
  }

  /** Returns false when the fact was shed. */
  put(fact: Fact): boolean {
    return this.send(this.encode(fact), isLasting(fact), fact.kind === 'frame');
  }

  /** One that the process before this one was left with, as `untold` had it. */
  putAgain(text: string): void {
    const payload = Buffer.from(text, 'utf8');
    if (payload.length <= this.ring.maxRecordBytes) this.send(payload, true, false);
  }

  /** Writes what waits, oldest first; true when nothing waits any more. */
  flush(): boolean {
    this.forgetTaken();
    while (this.waiting.length > 0) {
      const payload = this.waiting[0] as Uint8Array;
      if (!this.ring.tryWrite(RECORD.facts, payload)) return false;
      this.waiting.shift();
      this.waitingBytes -= payload.length;
      this.keep(payload);
    }
    return true;
  }

  /**
   * What would end with this process, as JSON, oldest first: facts that the persister has not taken, which counts one as
   * read when it is in its journal. Of what comes again by itself (frames, summaries of a track that goes on) there is
   * nothing.
   */
  untold(): readonly string[] {
    this.forgetTaken();
    const payloads = [...this.untaken.map(({ payload }) => payload), ...this.waiting];
    return payloads.map((payload) => Buffer.from(payload).toString('utf8'));
  }

  private send(payload: Uint8Array, mustLast: boolean, maySkip: boolean): boolean {
    if (this.flush() && this.ring.tryWrite(RECORD.facts, payload)) {
      if (mustLast) this.keep(payload);
      return true;
    }
    if (maySkip) return false;
    this.waiting.push(payload);
    this.waitingBytes += payload.length;
    return true;
  }

  private keep(payload: Uint8Array): void {
    this.untaken.push({ place: this.ring.counts().written, payload });
  }

  private forgetTaken(): void {
    if (this.untaken.length === 0) return;
    const { read } = this.ring.counts();
    const left = this.untaken.findIndex(({ place }) => place > read);
    this.untaken.splice(0, left < 0 ? this.untaken.length : left);
  }

  /** A pass too large for the ring goes without what it was judged on, rather than not at all. */
  private encode(fact: Fact): Uint8Array {
    const payload = encodeRecord(fact);
    if (payload.length <= this.ring.maxRecordBytes || fact.kind !== 'event') return payload;
    return encodeRecord({ kind: 'event', event: fact.event });
  }
}

/** Of what comes again by itself (frames, a track that goes on) nothing needs to be kept. */
function isLasting(fact: Fact): boolean {
  return fact.kind === 'event' || (fact.kind === 'track' && fact.track.ended);
}

/** What a predecessor's thread wrote, and a persister that stands still has not taken. */
function untakenOf(ring: RecordRingWriter): Untaken[] {
  const left: Uint8Array[] = [];
  ring.peek((_type, payload) => left.push(payload.slice()));
  // Nobody else writes: the last of them has the last place.
  const before = ring.counts().written - left.length;
  return left.flatMap((payload, i) => {
    const fact = tryDecodeRecord<Fact>(payload);
    return fact && isLasting(fact) ? [{ place: before + i + 1, payload }] : [];
  });
}
