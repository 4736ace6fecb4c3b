/**
 * What every actor says about itself, in shared memory: one row an actor, one writer a cell, readable by anybody even
 * when the thread is wedged. Watchdogs, /ready, /metrics and the admin console read this board and nothing else.
 *
 *   row n at byte n · 1,280: the present generation (int64), then from byte 256 on four lanes of 32 int64 cells in the
 *   order of `CELLS`, used in turn by the generations; times are µs since 1970 (0 = never)
 *
 * A lane for each generation, as in the rings (docs/adr/0015): a thread that was given up and goes on writes into a lane
 * that nobody reads, so it can neither beat for its successor nor say that the successor has stopped.
 */

export const CELLS = [
  'state',
  'generation',
  'startedUs',
  'heartbeatUs',
  'inNative',
  'progress',
  'in',
  'out',
  'dropped',
  'skipped',
  'errors',
  'restarts',
  'lastInUs',
  'lastOutUs',
  'waiting',
  'latencyUs',
  'gauge0',
  'gauge1',
  'gauge2',
  'gauge3',
  'heapBytes',
  'externalBytes',
  'frozenSinceUs',
  'lostPackets',
  'skippedUnits',
  'reshapedSinceUs',
  'damaged',
] as const;
export type BoardCell = (typeof CELLS)[number];

const LANE_CELLS = 32;
const LANES = 4;
/** The present generation stands before the lanes, in a cache line of its own. */
const HEAD_CELLS = 32;
const ROW_CELLS = HEAD_CELLS + LANES * LANE_CELLS;
const INDEX: ReadonlyMap<BoardCell, number> = new Map(CELLS.map((name, i) => [name, i]));

/** `starting` until the actor said it is ready; `stopping` while it closes; `failed` when its thread ended unasked. */
export const ACTOR_STATES = ['absent', 'starting', 'running', 'stopping', 'stopped', 'failed'] as const;
export type ActorState = (typeof ACTOR_STATES)[number];

export type BoardRow = Readonly<Record<Exclude<BoardCell, 'state'>, number>> & { readonly state: ActorState };

export class StatusRow {
  private readonly cells: BigInt64Array;
  private readonly own: number | undefined;

  /**
   * @param own the generation that this view writes for, which takes the row over if nobody has handed it over yet; absent:
   *   the view follows whatever generation is the present one (supervisor, gateway)
   */
  constructor(board: SharedArrayBuffer, row: number, own?: number) {
    this.cells = new BigInt64Array(board, row * ROW_CELLS * 8, ROW_CELLS);
    this.own = own;
    if (own !== undefined && own > this.present) this.handOver(own);
  }

  get(cell: BoardCell): number {
    return cell === 'generation' ? this.present : Number(Atomics.load(this.cells, this.at(cell)));
  }
  /** Naming a generation hands the row over to it, with all that it says so far. Only the supervisor does that. */
  set(cell: BoardCell, value: number): void {
    if (cell === 'generation') this.handOver(value);
    else Atomics.store(this.cells, this.at(cell), BigInt(Math.trunc(value)));
  }
  add(cell: BoardCell, n = 1): void {
    Atomics.add(this.cells, this.at(cell), BigInt(n));
  }
  get state(): ActorState {
    return ACTOR_STATES[this.get('state')] ?? 'absent';
  }
  set state(state: ActorState) {
    this.set('state', ACTOR_STATES.indexOf(state));
  }

  snapshot(): BoardRow {
    const numbers = Object.fromEntries(CELLS.map((cell) => [cell, this.get(cell)])) as Record<BoardCell, number>;
    return { ...numbers, state: this.state };
  }

  private get present(): number {
    return Number(Atomics.load(this.cells, 0));
  }

  private at(cell: BoardCell): number {
    return laneOf(this.own ?? this.present) + (INDEX.get(cell) as number);
  }

  private handOver(generation: number): void {
    const [from, to] = [laneOf(this.present), laneOf(generation)];
    if (from !== to) {
      for (let i = 0; i < LANE_CELLS; i += 1) Atomics.store(this.cells, to + i, Atomics.load(this.cells, from + i));
    }
    Atomics.store(this.cells, 0, BigInt(generation));
  }
}

export class StatusBoard {
  static bytesFor(rows: number): number {
    return rows * ROW_CELLS * 8;
  }
  static allocate(rows: number): SharedArrayBuffer {
    return new SharedArrayBuffer(StatusBoard.bytesFor(rows));
  }
  readonly names: readonly string[];
  private readonly buffer: SharedArrayBuffer;
  private readonly rows: ReadonlyMap<string, StatusRow>;

  /** @param names one per row, in the order the supervisor laid them out */
  constructor(buffer: SharedArrayBuffer, names: readonly string[]) {
    this.names = names;
    this.buffer = buffer;
    this.rows = new Map(names.map((name, i) => [name, new StatusRow(buffer, i)]));
  }

  row(name: string): StatusRow {
    const row = this.rows.get(name);
    if (!row) throw new RangeError(`no row named ${name} on the status board`);
    return row;
  }

  /** The row as that generation of the actor writes it; see `StatusRow`. */
  rowOf(name: string, generation: number): StatusRow {
    this.row(name);
    return new StatusRow(this.buffer, this.names.indexOf(name), generation);
  }

  snapshot(): Record<string, BoardRow> {
    return Object.fromEntries(this.names.map((name) => [name, this.row(name).snapshot()]));
  }
}

function laneOf(generation: number): number {
  return HEAD_CELLS + (generation % LANES) * LANE_CELLS;
}
