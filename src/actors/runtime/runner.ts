/** Gives an actor a thread's loop: work while there is some, otherwise wait for the bell, never longer than a heartbeat. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bell } from '../../shm/bell.ts';
import type { Invoker } from './invoker.ts';

/** Longest wait without work; the heartbeat is therefore never older than this plus one piece of work. */
const IDLE_MS = 100;

export class Runner {
  private readonly invoker: Invoker;
  private readonly bell: Bell;
  private stopping = false;
  private finished: Promise<void> | undefined;

  constructor(invoker: Invoker, bell: Bell) {
    this.invoker = invoker;
    this.bell = bell;
  }

  /** Runs until `stop`; rejects when the actor throws, after having closed it. */
  run(): Promise<void> {
    this.finished ??= this.loop();
    return this.finished;
  }

  /** Cooperative: the current piece of work ends, the actor closes, then this resolves. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.bell.ring();
    await this.finished?.catch(() => {});
  }

  private async loop(): Promise<void> {
    try {
      while (!this.stopping) {
        const seen = this.bell.seen();
        const moved = await this.invoker.invoke();
        if (moved > 0) await nextTurn();
        else if (!this.stopping) await this.bell.wait(seen, IDLE_MS);
      }
    } finally {
      await this.invoker.close();
    }
  }
}
