/**
 * Incidents of whole processes: the launcher sees them, the analyzer keeps and shows them. Those of the analyzer itself
 * wait here until its successor runs.
 */
import { randomBytes } from 'node:crypto';
import type { Incident } from '../rpc/control.ts';
import type { PartWatcher } from './launcher.ts';

const KEPT = 100;
const KEEPER = 'analyzer';

export interface PartIncidentsOptions {
  /** To the analyzer; false while it does not run. */
  tell(message: { readonly type: 'incident'; readonly incident: Incident }): boolean;
  readonly nowUtc?: () => number;
}

export class PartIncidents implements PartWatcher {
  readonly #options: PartIncidentsOptions;
  readonly #open = new Map<string, Incident>();
  readonly #starts = new Map<string, number>();
  #waiting: Incident[] = [];
  #isKeeperReady = false;

  constructor(options: PartIncidentsOptions) {
    this.#options = options;
  }

  onEnded(part: string, how: string): void {
    if (part === KEEPER) this.#isKeeperReady = false;
    if (this.#open.has(part)) return;
    const incident: Incident = {
      id: randomBytes(13).toString('hex'),
      actor: part,
      stage: part,
      generation: this.#starts.get(part) ?? 0,
      cause: 'process',
      detail: `the process ${how}`,
      startedUtc: this.#nowUtc(),
      resolvedUtc: null,
      framesLost: null,
    };
    this.#open.set(part, incident);
    this.#tell(incident);
  }

  onReady(part: string): void {
    this.#starts.set(part, (this.#starts.get(part) ?? 0) + 1);
    const incident = this.#open.get(part);
    this.#open.delete(part);
    if (part === KEEPER) {
      this.#isKeeperReady = true;
      // It takes what is open from before its time for settled, unless somebody says that it goes on.
      for (const open of this.#open.values()) this.#queue(open);
    }
    if (incident) this.#tell({ ...incident, resolvedUtc: this.#nowUtc() });
    else this.#flush();
  }

  #tell(incident: Incident): void {
    this.#queue(incident);
    this.#flush();
  }

  #queue(incident: Incident): void {
    this.#waiting = [...this.#waiting.filter(({ id }) => id !== incident.id), incident].slice(-KEPT);
  }

  #flush(): void {
    if (!this.#isKeeperReady) return;
    this.#waiting = this.#waiting.filter((incident) => !this.#options.tell({ type: 'incident', incident }));
  }

  #nowUtc(): number {
    return this.#options.nowUtc?.() ?? Date.now() / 1_000;
  }
}
