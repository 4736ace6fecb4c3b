/**
 * The shared memory of one analyzer: every ring, the status board and the bells. It belongs to the supervisor and
 * outlives the rooms.
 */
import { Bell } from '../../shm/bell.ts';
import { FrameRing } from '../../shm/frame-ring.ts';
import type { FrameRingCounts } from '../../shm/frame-ring-layout.ts';
import { RecordRing, RecordRingWriter } from '../../shm/record-ring.ts';
import { StatusBoard } from '../../shm/status-board.ts';
import type { ChildSpec } from './child-spec.ts';
import { type Plan, ringEnds, SUPERVISOR } from './plan.ts';
import type { RingHandle, RoomData } from './room-data.ts';

type RingView = FrameRing | RecordRing;

export class House {
  readonly names: readonly string[];
  readonly boardMemory: SharedArrayBuffer;
  readonly bellMemory: SharedArrayBuffer;
  readonly rings: readonly RingHandle[];
  readonly board: StatusBoard;
  /** The supervisor looks into the rings twice a second: one view each, made once. */
  private readonly views: ReadonlyMap<string, RingView>;

  constructor(plan: Plan) {
    this.names = [...plan.children.map((child) => child.name), SUPERVISOR];
    this.boardMemory = StatusBoard.allocate(this.names.length);
    this.bellMemory = new SharedArrayBuffer(Bell.bytesFor(this.names.length));
    this.board = new StatusBoard(this.boardMemory, this.names);
    const ends = ringEnds(plan);
    this.rings = plan.rings.map((ring) => ({
      name: ring.name,
      kind: ring.kind,
      memory: ring.kind === 'frames' ? FrameRing.allocate(ring.spec) : RecordRing.allocate(ring.spec),
      ...(ends.get(ring.name) as { writer: string; reader: string }),
    }));
    this.views = new Map(
      this.rings.map(({ name, kind, memory }) => [
        name,
        kind === 'frames' ? new FrameRing(memory) : new RecordRing(memory),
      ]),
    );
  }

  get bytes(): number {
    return this.rings.reduce((sum, ring) => sum + ring.memory.byteLength, 0);
  }

  /**
   * What an actor's thread is given, but for its lines to others. From here on the rings are this generation's: an older
   * thread of that name, should it still live, can publish nothing in them.
   */
  roomData(spec: ChildSpec, generation: number): Omit<RoomData, 'control' | 'supervisor'> {
    for (const ring of this.rings) {
      const view = this.views.get(ring.name) as RingView;
      if (ring.writer === spec.name) view.handOver('writer', generation);
      if (ring.reader === spec.name) view.handOver('reader', generation);
    }
    return {
      name: spec.name,
      generation,
      settings: spec.settings,
      reads: spec.reads,
      writes: spec.writes,
      board: this.boardMemory,
      bells: this.bellMemory,
      names: this.names,
      rings: this.rings.filter((ring) => ring.reader === spec.name || ring.writer === spec.name),
    };
  }

  bell(actor: string): Bell {
    return new Bell(this.bellMemory, this.names.indexOf(actor));
  }

  /** Whether something lies unread in a ring that this actor reads. What it writes to itself is its memory, no input. */
  hasInput(actor: string): boolean {
    return this.rings.some(
      (ring) => ring.reader === actor && ring.writer !== actor && (this.views.get(ring.name) as RingView).hasUnread,
    );
  }

  /** What went through a frame ring so far. */
  frameCounts(ring: string): FrameRingCounts {
    const view = this.views.get(ring);
    if (!(view instanceof FrameRing)) throw new RangeError(`there is no frame ring named ${ring}`);
    return view.counts();
  }

  /** The supervisor's own end of a ring, if the plan has it. */
  supervisorWriter(name: string): RecordRingWriter | null {
    const ring = this.rings.find((r) => r.name === name && r.writer === SUPERVISOR);
    return ring ? new RecordRingWriter(ring.memory, this.bell(ring.reader)) : null;
  }
}
