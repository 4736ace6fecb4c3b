/** What one end of a ring says, in one generation: its position and its counters. One thread writes it, anybody reads. */
import { LANE_CELLS } from './ring-layout.ts';

export class RingLane {
  private readonly cells: Int32Array;
  private readonly counters: BigInt64Array;
  private readonly at: number;

  /** @param at int32 index of the lane's first cell */
  constructor(cells: Int32Array, counters: BigInt64Array, at: number) {
    this.cells = cells;
    this.counters = counters;
    this.at = at;
  }

  get position(): number {
    return Atomics.load(this.cells, this.at);
  }
  /** Publishes whatever this thread wrote before. */
  set position(position: number) {
    Atomics.store(this.cells, this.at, position);
  }

  /** @param i 1 … 15 */
  cell(i: number): number {
    return Atomics.load(this.cells, this.at + i);
  }
  setCell(i: number, value: number): void {
    Atomics.store(this.cells, this.at + i, value);
  }

  /** @param i 0 … 7 */
  count(i: number): number {
    return Number(Atomics.load(this.counters, this.counterAt(i)));
  }
  setCount(i: number, n: number): void {
    Atomics.store(this.counters, this.counterAt(i), BigInt(n));
  }
  add(i: number, n: number): void {
    Atomics.add(this.counters, this.counterAt(i), BigInt(n));
  }

  private counterAt(i: number): number {
    return (this.at + LANE_CELLS) / 2 + i;
  }
}
