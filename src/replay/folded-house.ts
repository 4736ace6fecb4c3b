/**
 * The rooms of a replay on the caller's own thread: each actor behind an invoker, stepped in the order of the flow until
 * nothing moves. No clock enters what they compute, so the same input gives the same events.
 */

import type { Actor } from '../actors/runtime/actor.ts';
import { createRoom } from '../actors/runtime/create-room.ts';
import { House } from '../actors/runtime/house.ts';
import { Invoker } from '../actors/runtime/invoker.ts';
import { type Plan, SUPERVISOR } from '../actors/runtime/plan.ts';
import type { Room } from '../actors/runtime/room.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';

export class FoldedHouse {
  private readonly house: House;
  private readonly plan: Plan;
  private readonly log: Log;
  private readonly clock: Clock;
  private readonly invokers: Invoker[] = [];

  constructor(plan: Plan, log: Log, clock: Clock) {
    this.house = new House(plan);
    this.plan = plan;
    this.log = log;
    this.clock = clock;
  }

  room<Settings>(name: string): Room<Settings> {
    const spec = this.plan.children.find((child) => child.name === name);
    if (!spec) throw new RangeError(`no ${name} in this plan`);
    return createRoom<Settings>(
      { ...this.house.roomData(spec, 1), control: null, supervisor: null },
      this.log,
      this.clock,
    );
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
    let moved: number;
    do {
      moved = 0;
      for (const invoker of this.invokers) moved += await invoker.invoke();
    } while (moved > 0);
  }

  /** Closes from the beginning of the flow to its end. */
  async close(): Promise<void> {
    this.house.board.row(SUPERVISOR).state = 'stopping';
    for (const invoker of this.invokers) await invoker.close();
  }
}
