/**
 * The shared memory of one analyzer: every ring, the status board and the bells. It belongs to the supervisor and
 * outlives the rooms.
 */
import { Bell } from '../../shm/bell.ts';
import { FrameRing } from '../../shm/frame-ring.ts';
import type { FrameRingCounts } from '../../shm/frame-ring-layout.ts';
import { RecordRing, RecordRingWriter } from '../../shm/record-ring.ts';
import { StatusBoard } from '../../shm/status-board.ts';
import type { ChildSpec, Flow } from './child-spec.ts';
import { type Plan, ringEnds, SUPERVISOR } from './plan.ts';
import type { RingHandle, RoomData } from './room-data.ts';
import type { ObservedFlow } from './watchdog.ts';

type RingView = FrameRing | RecordRing;

export class House {
  readonly names: readonly string[];
  readonly boardMemory: SharedArrayBuffer;
  readonly bellMemory: SharedArrayBuffer;
  readonly rings: readonly RingHandle[];
  readonly board: StatusBoard;
  /** The supervisor looks into the rings twice a second: one view each, made once. */
  private readonly views: ReadonlyMap<string, RingView>;
  private readonly slots: ReadonlyMap<string, number>;

  constructor(plan: Plan) {
    this.names = [...plan.children.map((child) => child.name), SUPERVISOR];
    this.boardMemory = StatusBoard.allocate(this.names.length);
    this.bellMemory = new SharedArrayBuffer(Bell.bytesFor(this.names.length));
    this.board = new StatusBoard(this.boardMemory, this.names);
    const ends = ringEnds(plan);
    this.slots = new Map(plan.rings.flatMap(({ name, kind, spec }) => (kind === 'frames' ? [[name, spec.slots]] : [])));
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
   * What an actor's thread is given, but for its lines to others. From here on its row and its rings are this
   * generation's: an older thread of that name, should it still live, can publish nothing in them.
   */
  roomData(spec: ChildSpec, generation: number): Omit<RoomData, 'control' | 'supervisor'> {
    this.board.row(spec.name).set('generation', generation);
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
      rings: this.rings,
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

  /** Whether a ring that this actor writes has (nearly) no room: then it waits for the reader. */
  isBlocked(actor: string): boolean {
    return this.rings.some((ring) => ring.writer === actor && ring.reader !== actor && this.isFull(ring.name));
  }

  /** What a flow's ends have seen so far: records or frames taken, and given. */
  flowed(actor: string, { from, to }: Flow): ObservedFlow {
    const taken = from === null ? this.board.row(actor).get('progress') : this.passed(from, 'out');
    return { output: to, taken, given: this.passed(to, 'in') };
  }

  /**
   * Frames so far that should have been analysed and were not: dropped, given up or skipped, but for those that even sampling
   * or a motion gate left out on purpose. Of one camera when the actor's name has one.
   */
  lostFrames(actor: string): number {
    const camera = actor.split(':')[1];
    const rings = this.rings.filter(({ name, kind }) => kind === 'frames' && (!camera || name.endsWith(`:${camera}`)));
    return rings.reduce((sum, { name }) => {
      const { dropped, aborted, skipped } = this.frameCounts(name);
      return sum + dropped + aborted + skipped - (this.views.get(name) as FrameRing).leftOut;
    }, 0);
  }

  /** What went through a frame ring so far. */
  frameCounts(ring: string): FrameRingCounts {
    const view = this.views.get(ring);
    if (!(view instanceof FrameRing)) throw new RangeError(`there is no frame ring named ${ring}`);
    return view.counts();
  }

  private passed(name: string, way: 'in' | 'out'): number {
    const view = this.views.get(name);
    if (view instanceof FrameRing) return way === 'in' ? view.counts().committed : view.counts().consumed;
    const counts = (view as RecordRing).counts();
    return way === 'in' ? counts.written : counts.read;
  }

  private isFull(name: string): boolean {
    const view = this.views.get(name);
    if (view instanceof FrameRing) return view.inRing >= (this.slots.get(name) ?? Number.POSITIVE_INFINITY);
    return (view as RecordRing).bytesInRing > (view as RecordRing).maxRecordBytes;
  }

  /** The supervisor's own end of a ring, if the plan has it. */
  supervisorWriter(name: string): RecordRingWriter | null {
    const ring = this.rings.find((r) => r.name === name && r.writer === SUPERVISOR);
    return ring ? new RecordRingWriter(ring.memory, this.bell(ring.reader)) : null;
  }
}
