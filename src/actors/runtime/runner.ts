/** Gives an actor a thread's loop: work while there is some, otherwise wait for the bell, never longer than a heartbeat. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import type { Bell } from '../../shm/bell.ts';
import type { StatusRow } from '../../shm/status-board.ts';
import type { Invoker } from './invoker.ts';

/** Longest wait without work; the heartbeat is therefore never older than this plus one piece of work. */
const IDLE_MS = 100;
const MEMORY_EVERY_MS = 1_000;

export class Runner {
  private readonly invoker: Invoker;
  private readonly bell: Bell;
  private readonly row: StatusRow;
  private nextMemoryMs = 0;
  private stopping = false;
  private finished: Promise<void> | undefined;

  constructor(invoker: Invoker, row: StatusRow, bell: Bell) {
    this.invoker = invoker;
    this.row = row;
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

  /** What this thread's own heap holds, and the buffers outside that hang on it. */
  private reportMemory(): void {
    const nowMs = performance.now();
    if (nowMs < this.nextMemoryMs) return;
    this.nextMemoryMs = nowMs + MEMORY_EVERY_MS;
    const { used_heap_size, external_memory } = getHeapStatistics();
    this.row.set('heapBytes', used_heap_size);
    this.row.set('externalBytes', external_memory);
  }

  private async loop(): Promise<void> {
    try {
      while (!this.stopping) {
        this.reportMemory();
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
