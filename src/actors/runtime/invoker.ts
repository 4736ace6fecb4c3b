/**
 * Drives an actor one piece of work at a time and keeps its row on the status board. Whoever calls `invoke` lends the
 * thread: the runner in a room of its own, the replay loop, or a test.
 */
import type { StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Actor } from './actor.ts';

export class Invoker {
  readonly actor: Actor;
  private readonly row: StatusRow;
  private readonly clock: Clock;
  private closed = false;

  constructor(actor: Actor, row: StatusRow, clock: Clock) {
    this.actor = actor;
    this.row = row;
    this.clock = clock;
  }

  async start(): Promise<void> {
    this.row.state = 'starting';
    this.row.set('startedUs', this.clock.nowUs());
    this.beat();
    await this.actor.onStart?.();
    this.row.state = 'running';
    this.beat();
  }

  /** One `doWork`. An error is counted and thrown on: a broken actor is replaced, not patched. */
  async invoke(): Promise<number> {
    try {
      const moved = await this.actor.doWork();
      if (moved > 0) this.row.add('progress', moved);
      return moved;
    } catch (error) {
      this.row.add('errors');
      throw error;
    } finally {
      this.beat();
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.row.state = 'stopping';
    try {
      await this.actor.onClose?.();
    } finally {
      this.row.state = 'stopped';
    }
  }

  private beat(): void {
    this.row.set('heartbeatUs', this.clock.nowUs());
  }
}
