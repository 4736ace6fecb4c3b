/**
 * On the analyzer's main thread: looks at what the process holds every few seconds and does what `memoryPolicy` says. V8's own
 * limit of each room's heap ends the common leak; this is for everything else (buffers, native packages, many rooms at once)
 * and comes before the kernel chooses whom to kill.
 */
import { getHeapStatistics } from 'node:v8';
import { CALM, MEMORY_TIMES, type MemoryRules, memoryPolicy } from './actors/runtime/memory-policy.ts';
import { SUPERVISOR } from './actors/runtime/plan.ts';
import type { Supervisor } from './actors/runtime/supervisor.ts';
import { StopsignError } from './errors.ts';
import { inMebibytes } from './machine/memory-budget.ts';
import { proportionalBytes, residentBytes } from './machine/process-memory.ts';

const LOOK_EVERY_MS = 2_000;

export interface MemoryWatchOptions extends Partial<MemoryRules> {
  readonly limitBytes: number;
  readonly supervisor: Pick<Supervisor, 'house' | 'restartForMemory' | 'resolveIncident' | 'giveUp'>;
  readonly everyMs?: number;
  /** Of the process; injected in tests. */
  readonly heldBytes?: () => number | null;
  readonly nowMs?: () => number;
}

export class MemoryWatch {
  private readonly options: MemoryWatchOptions;
  private readonly rules: MemoryRules;
  private state = CALM;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: MemoryWatchOptions) {
    this.options = options;
    this.rules = { ...MEMORY_TIMES, ...options };
  }

  start(): void {
    this.timer = setInterval(() => this.look(), this.options.everyMs ?? LOOK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Once; the timer calls it. */
  look(): void {
    const { supervisor, heldBytes = residentBytes, nowMs = () => performance.now() } = this.options;
    const { board } = supervisor.house;
    const own = getHeapStatistics();
    board.row(SUPERVISOR).set('heapBytes', own.used_heap_size);
    board.row(SUPERVISOR).set('externalBytes', own.external_memory);
    const held = heldBytes();
    // Out of descriptors: that has its own end, and memory is looked at again in a moment.
    if (held === null) return;
    const rooms = board.names.map((room) => {
      const row = board.row(room);
      return { room, bytes: row.get('heapBytes') + row.get('externalBytes'), canRestart: room !== SUPERVISOR };
    });
    const [state, step] = memoryPolicy(this.state, held, rooms, nowMs(), this.rules);
    this.state = state;
    if (step.do === 'resolve') supervisor.resolveIncident(step.room, 'memory');
    else if (step.do === 'restart') supervisor.restartForMemory(step.room, this.sentence(held, step.room));
    else if (step.do === 'end') {
      this.close();
      const remedy = 'Look at the incidents for who grew; memory.limit_mb in the configuration sets the limit.';
      supervisor.giveUp(new StopsignError('ESCALATED', `${this.sentence(held)}; ${step.why}.`, { remedy }));
    }
  }

  private sentence(held: number, room?: string): string {
    const shared = proportionalBytes();
    const pss = shared === null ? '' : ` (PSS ${inMebibytes(shared)})`;
    const whole = `the process holds ${inMebibytes(held)}${pss}, its limit is ${inMebibytes(this.rules.limitBytes)}`;
    if (room === undefined) return whole;
    const row = this.options.supervisor.house.board.row(room);
    const [heap, buffers] = [row.get('heapBytes'), row.get('externalBytes')].map(inMebibytes);
    return `${whole}; of all rooms ${room} holds most: heap ${heap}, buffers ${buffers}`;
  }
}
