/**
 * What every actor says about itself, in shared memory: one row an actor, one writer a cell, readable by anybody even
 * when the thread is wedged. Watchdogs, /ready, /metrics and the admin console read this board and nothing else.
 *
 *   row n at byte n · 256: 32 int64 cells in the order of `CELLS`; times are µs since 1970 (0 = never)
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
] as const;
export type BoardCell = (typeof CELLS)[number];

const ROW_CELLS = 32;
const INDEX: ReadonlyMap<BoardCell, number> = new Map(CELLS.map((name, i) => [name, i]));

/** `starting` until the actor said it is ready; `stopping` while it closes; `failed` when its thread ended unasked. */
export const ACTOR_STATES = ['absent', 'starting', 'running', 'stopping', 'stopped', 'failed'] as const;
export type ActorState = (typeof ACTOR_STATES)[number];

export type BoardRow = Readonly<Record<Exclude<BoardCell, 'state'>, number>> & { readonly state: ActorState };

export class StatusRow {
  private readonly cells: BigInt64Array;

  constructor(board: SharedArrayBuffer, row: number) {
    this.cells = new BigInt64Array(board, row * ROW_CELLS * 8, ROW_CELLS);
  }

  get(cell: BoardCell): number {
    return Number(Atomics.load(this.cells, index(cell)));
  }
  set(cell: BoardCell, value: number): void {
    Atomics.store(this.cells, index(cell), BigInt(Math.trunc(value)));
  }
  add(cell: BoardCell, n = 1): void {
    Atomics.add(this.cells, index(cell), BigInt(n));
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
}

export class StatusBoard {
  static bytesFor(rows: number): number {
    return rows * ROW_CELLS * 8;
  }
  static allocate(rows: number): SharedArrayBuffer {
    return new SharedArrayBuffer(StatusBoard.bytesFor(rows));
  }
  readonly names: readonly string[];
  private readonly rows: ReadonlyMap<string, StatusRow>;

  /** @param names one per row, in the order the supervisor laid them out */
  constructor(buffer: SharedArrayBuffer, names: readonly string[]) {
    this.names = names;
    this.rows = new Map(names.map((name, i) => [name, new StatusRow(buffer, i)]));
  }

  row(name: string): StatusRow {
    const row = this.rows.get(name);
    if (!row) throw new RangeError(`no row named ${name} on the status board`);
    return row;
  }

  snapshot(): Record<string, BoardRow> {
    return Object.fromEntries(this.names.map((name) => [name, this.row(name).snapshot()]));
  }
}

function index(cell: BoardCell): number {
  return INDEX.get(cell) as number;
}
