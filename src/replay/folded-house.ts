/**
 * The house of a replay: rooms on the caller's own thread, each actor behind an invoker, stepped in the order of the flow
 * until nothing moves, and rooms with a thread of their own before them. No clock enters what they compute, so the same
 * input gives the same events.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Actor } from '../actors/runtime/actor.ts';
import type { ChildSpec } from '../actors/runtime/child-spec.ts';
import { createRoom } from '../actors/runtime/create-room.ts';
import { House } from '../actors/runtime/house.ts';
import { Invoker } from '../actors/runtime/invoker.ts';
import { type Plan, SUPERVISOR } from '../actors/runtime/plan.ts';
import type { Room } from '../actors/runtime/room.ts';
import { RoomThread } from '../actors/runtime/room-thread.ts';
import { StopsignError } from '../errors.ts';
import { FrameRing } from '../shm/frame-ring.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';

/** Threads run compiled code only, whoever calls. */
const COMPILED = new URL('../../dist/', import.meta.url);
/** Longest wait for a ring that nobody rings any more. */
const IDLE_MS = 100;

export class FoldedHouse {
  private readonly house: House;
  private readonly plan: Plan;
  private readonly log: Log;
  private readonly clock: Clock;
  private readonly threads: { readonly spec: ChildSpec; readonly thread: RoomThread }[] = [];
  private readonly invokers: Invoker[] = [];
  private failure: StopsignError | null = null;

  constructor(plan: Plan, log: Log, clock: Clock) {
    this.house = new House(plan);
    this.plan = plan;
    this.log = log;
    this.clock = clock;
  }

  room<Settings>(name: string): Room<Settings> {
    const data = this.house.roomData(this.spec(name), 1);
    return createRoom<Settings>({ ...data, control: null, supervisor: null }, this.log, this.clock);
  }

  /**
   * Starts a room on a thread of its own. The end of the flow first: they are stopped in reverse.
   * @param shell other than that of the plan
   * @throws StopsignError what the room failed of
   */
  async startThread(name: string, shell?: URL): Promise<void> {
    const spec = this.spec(name);
    const data = { ...this.house.roomData(spec, 1), supervisor: null, logLevel: 'silent' };
    const thread = new RoomThread(shell ?? new URL(spec.entry, COMPILED), data);
    this.threads.unshift({ spec, thread });
    thread.ended.then(({ error }) => {
      this.failure ??= error ?? new StopsignError('INTERNAL', `${name} ended before its time.`);
    });
    await thread.ready;
  }

  /** Adds an actor at the end of the flow and starts it. */
  async start(actor: Actor): Promise<void> {
    const invoker = new Invoker(actor, this.house.board.row(actor.name), this.clock);
    this.invokers.push(invoker);
    await invoker.start();
  }

  /** Puts a successor in the place of an actor of the same name, which was asked to stop first, or was just killed. */
  async replace(make: () => Actor, name: string, end: 'stopped' | 'killed'): Promise<void> {
    const place = this.invokers.findIndex(({ actor }) => actor.name === name);
    if (end === 'stopped') await this.invokers[place]?.close();
    const invoker = new Invoker(make(), this.house.board.row(name), this.clock);
    this.invokers[place] = invoker;
    await invoker.start();
  }

  /** Steps all actors in turn until none has anything to do. */
  async settle(): Promise<void> {
    while ((await this.turn()) > 0);
  }

  /**
   * One turn of all actors; when nothing moved, waits until something comes for `actor`.
   * @throws StopsignError what a thread failed of
   */
  async step(actor: string): Promise<void> {
    const bell = this.house.bell(actor);
    const seen = bell.seen();
    const moved = await this.turn();
    // A thread that fails says so in a turn of the event loop.
    await (moved > 0 ? nextTurn() : bell.wait(seen, IDLE_MS));
    if (this.failure) throw this.failure;
  }

  /** What anybody may see of a frame ring. */
  frames(name: string): FrameRing {
    const ring = this.house.rings.find((each) => each.name === name && each.kind === 'frames');
    if (!ring) throw new RangeError(`no frame ring ${name} in this plan`);
    return new FrameRing(ring.memory);
  }

  /** Closes from the beginning of the flow to its end. */
  async close(): Promise<void> {
    this.house.board.row(SUPERVISOR).state = 'stopping';
    for (const { spec, thread } of this.threads) {
      const isInNative = (): boolean => this.house.board.row(spec.name).get('inNative') === 1;
      await thread.stop(spec.shutdownMs, isInNative, spec.nativeMs);
    }
    for (const invoker of this.invokers) await invoker.close();
  }

  private async turn(): Promise<number> {
    let moved = 0;
    for (const invoker of this.invokers) moved += await invoker.invoke();
    return moved;
  }

  private spec(name: string): ChildSpec {
    const spec = this.plan.children.find((child) => child.name === name);
    if (!spec) throw new RangeError(`no ${name} in this plan`);
    return spec;
  }
}
