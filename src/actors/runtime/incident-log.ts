/** Incidents since the process started: opened with a cause, resolved later; newest first for readers. */
import type { Incident } from '../../rpc/control.ts';
import type { Clock } from '../../telemetry/clock.ts';

const KEPT = 500;

export class IncidentLog {
  private readonly incidents: Incident[] = [];
  private readonly clock: Clock;
  private readonly onChange: (incident: Incident) => void;
  private readonly newId: () => string;

  constructor(clock: Clock, newId: () => string, onChange: (incident: Incident) => void) {
    this.clock = clock;
    this.newId = newId;
    this.onChange = onChange;
  }

  /** Opens one; an actor has at most one open incident a cause. */
  open(actor: string, generation: number, cause: Incident['cause'], detail: string): void {
    if (this.incidents.some((i) => i.actor === actor && i.cause === cause && i.resolvedUtc === null)) return;
    const startedUtc = this.clock.nowUs() / 1e6;
    const incident: Incident = { id: this.newId(), actor, generation, cause, detail, startedUtc, resolvedUtc: null };
    this.incidents.unshift(incident);
    this.incidents.length = Math.min(this.incidents.length, KEPT);
    this.onChange(incident);
  }

  /** Resolves what is open of an actor, or of one cause of it. */
  resolve(actor: string, cause?: Incident['cause']): void {
    this.incidents.forEach((incident, i) => {
      if (incident.actor !== actor || incident.resolvedUtc !== null || (cause && incident.cause !== cause)) return;
      const resolved = { ...incident, resolvedUtc: this.clock.nowUs() / 1e6 };
      this.incidents[i] = resolved;
      this.onChange(resolved);
    });
  }

  latest(limit: number): readonly Incident[] {
    return this.incidents.slice(0, limit);
  }
}
