/**
 * One end of a ring as any thread sees it: whose it is, and where it stands. Each generation of a room has a lane of its
 * own, so a thread that was given up but still lives can publish nothing: what it stores, nobody looks at any more.
 */

import { RingLane } from './ring-lane.ts';
import {
  CLOSED,
  type EndName,
  FIRST_LANE,
  GENERATION,
  LANE_CELLS,
  LANE_COUNTERS,
  LANE_INTS,
  LANES,
} from './ring-layout.ts';

/** A hand-over takes microseconds; one that lasts longer than so many milliseconds never ends. */
const HAND_OVER_MS = 1_000;

export class RingEnd {
  private readonly cells: Int32Array;
  private readonly cell: number;
  private readonly lanes: readonly RingLane[];
  private known: number | null = null;

  constructor(cells: Int32Array, counters: BigInt64Array, name: EndName) {
    this.cells = cells;
    this.cell = GENERATION[name];
    this.lanes = Array.from(
      { length: LANES },
      (_, i) => new RingLane(cells, counters, FIRST_LANE[name] + i * LANE_INTS),
    );
  }

  /** Whose end it is; while it is handed over, whose it was. */
  get generation(): number {
    const generation = Atomics.load(this.cells, this.cell);
    return generation < 0 ? ~generation : generation;
  }

  isHeldBy(generation: number): boolean {
    return Atomics.load(this.cells, this.cell) === generation;
  }

  lane(generation = this.generation): RingLane {
    return this.lanes[generation % LANES] as RingLane;
  }

  /**
   * Where this end stands. While it is handed over, where it was last seen: positions only grow, so that is safe for the
   * other end. The second look at the generation makes sure that what was read counts.
   */
  get position(): number {
    for (let waited = 0; waited <= HAND_OVER_MS; waited += 1) {
      const generation = Atomics.load(this.cells, this.cell);
      if (generation >= 0) {
        const position = this.lane(generation).position;
        if (this.isHeldBy(generation)) this.known = position;
      }
      if (this.known !== null) return this.known;
      Atomics.wait(this.cells, this.cell, generation, 1);
    }
    throw new Error('a ring is being handed over for ever');
  }

  /**
   * Gives the end to `generation`; one that has it already keeps it. One thread at a time (the supervisor). From its
   * first store on, the former holder begins nothing more; what it publishes after its lane was copied is not seen. One
   * that was broken off is done by the next.
   * @throws RangeError when a later generation has it
   */
  handOver(generation: number): void {
    const from = this.generation;
    if (generation === from) return;
    if (generation < from) throw new RangeError(`generation ${generation} comes after ${from}: generations only rise`);
    Atomics.store(this.cells, this.cell, ~from);
    copyLane(this.lane(from), this.lane(generation));
    Atomics.store(this.cells, this.cell, generation);
    Atomics.notify(this.cells, this.cell);
  }
}

/**
 * Until nothing was published meanwhile; the former holder ends at most one piece of work, so soon. Counters from the
 * last to the first: the first holds what came in, and must not be older than what became of it.
 */
function copyLane(from: RingLane, to: RingLane): void {
  let position: number;
  do {
    position = from.position;
    for (let i = 1; i < LANE_CELLS; i += 1) to.setCell(i, from.cell(i));
    for (let i = LANE_COUNTERS - 1; i >= 0; i -= 1) to.setCount(i, from.count(i));
  } while (from.position !== position);
  to.setCell(CLOSED, 0);
  to.position = position;
}
