/**
 * What both kinds of ring have in common, and what any thread may see of one. A ring belongs to the supervisor and
 * outlives the threads at its ends. Bytes: ring-layout.ts. Contract: docs/ring.md.
 */
import { RingEnd } from './ring-end.ts';
import { CLOSED, type EndName, RING_HEADER_BYTES } from './ring-layout.ts';

export class Ring {
  protected readonly cells: Int32Array;
  protected readonly ends: Readonly<Record<EndName, RingEnd>>;

  /** @throws TypeError when the memory holds no ring of that kind */
  constructor(buffer: SharedArrayBuffer, magic: number, kind: string) {
    this.cells = new Int32Array(buffer, 0, RING_HEADER_BYTES / 4);
    if (this.cells[0] !== magic) throw new TypeError(`this shared buffer holds no ${kind} ring`);
    const counters = new BigInt64Array(buffer, 0, RING_HEADER_BYTES / 8);
    this.ends = {
      writer: new RingEnd(this.cells, counters, 'writer'),
      reader: new RingEnd(this.cells, counters, 'reader'),
    };
  }

  get closed(): boolean {
    return this.ends.writer.lane().cell(CLOSED) === 1;
  }
  /** Nothing will come any more, and nothing is left to read. */
  get isDrained(): boolean {
    return this.closed && !this.hasUnread;
  }
  get hasUnread(): boolean {
    return this.distance > 0;
  }

  /** Nothing more goes in; what is in the ring can still be read. For the producer, or the supervisor after its end. */
  close(): void {
    this.ends.writer.lane().setCell(CLOSED, 1);
  }

  /** 0 until somebody is named. */
  generationOf(end: EndName): number {
    return this.ends[end].generation;
  }

  /**
   * The supervisor's: from now on `generation` has that end, and the thread that had it before can publish nothing. A
   * closed ring opens again for a new writer.
   * @throws RangeError when a later generation has it
   */
  handOver(end: EndName, generation: number): void {
    this.ends[end].handOver(generation);
  }

  /** How far the writer is ahead of the reader. The reader is looked at first: it is never ahead. */
  protected get distance(): number {
    const read = this.ends.reader.position;
    return (this.ends.writer.position - read) | 0;
  }

  /** The generation that a new view of an end speaks for: the present one, or a newer one that takes the end over. */
  protected enter(end: EndName, generation = this.ends[end].generation): number {
    if (generation > this.ends[end].generation) this.handOver(end, generation);
    return generation;
  }
}
