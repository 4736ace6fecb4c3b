/** Incidents since the process started: opened with a cause, resolved later; newest first for readers. */
import type { Incident } from '../../rpc/control.ts';
import type { Clock } from '../../telemetry/clock.ts';

const KEPT = 500;

export interface IncidentLogOptions {
  readonly clock: Clock;
  newId(): string;
  onChange(incident: Incident): void;
  /** Frames so far that nobody analysed, of the cameras that this actor works for: by the rings' counters. */
  lostFrames?(actor: string): number;
}

export class IncidentLog {
  private readonly incidents: Incident[] = [];
  private readonly options: IncidentLogOptions;
  /** What was lost before, by the id of what is still open. */
  private readonly lostBefore = new Map<string, number>();

  constructor(options: IncidentLogOptions) {
    this.options = options;
  }

  /** Opens one; an actor has at most one open incident a cause. */
  open(actor: string, generation: number, cause: Incident['cause'], detail: string): void {
    if (this.incidents.some((i) => i.actor === actor && i.cause === cause && i.resolvedUtc === null)) return;
    const incident = this.newIncident(actor, generation, cause, detail, null);
    this.lostBefore.set(incident.id, this.options.lostFrames?.(actor) ?? 0);
    this.add(incident);
  }

  /** One that is over when it is told. */
  note(actor: string, generation: number, cause: Incident['cause'], detail: string): void {
    this.add(this.newIncident(actor, generation, cause, detail, this.nowUtc));
  }

  /** One that somebody else saw and told of (the launcher). A later word on the same id replaces the earlier one. */
  adopt(incident: Incident): void {
    const known = this.incidents.findIndex(({ id }) => id === incident.id);
    if (known < 0) this.add(incident);
    else {
      this.incidents[known] = incident;
      this.options.onChange(incident);
    }
  }

  /** Resolves what is open of an actor, or of one cause of it. */
  resolve(actor: string, cause?: Incident['cause']): void {
    this.incidents.forEach((incident, i) => {
      if (incident.actor !== actor || incident.resolvedUtc !== null || (cause && incident.cause !== cause)) return;
      const lostBefore = this.lostBefore.get(incident.id);
      this.lostBefore.delete(incident.id);
      const lost = lostBefore === undefined ? null : (this.options.lostFrames?.(actor) ?? 0) - lostBefore;
      const resolved: Incident = { ...incident, framesLost: lost, resolvedUtc: this.nowUtc };
      this.incidents[i] = resolved;
      this.options.onChange(resolved);
    });
  }

  latest(limit: number): readonly Incident[] {
    return this.incidents.slice(0, limit);
  }

  private get nowUtc(): number {
    return this.options.clock.nowUs() / 1e6;
  }

  private newIncident(
    actor: string,
    generation: number,
    cause: Incident['cause'],
    detail: string,
    resolvedUtc: number | null,
  ): Incident {
    const [stage = actor] = actor.split(':');
    const id = this.options.newId();
    return { id, actor, stage, generation, cause, detail, startedUtc: this.nowUtc, resolvedUtc, framesLost: null };
  }

  private add(incident: Incident): void {
    this.incidents.unshift(incident);
    // Not the open ones, however old: somebody has to say that they are over. Each actor has few of them.
    const oldest = this.incidents.findLastIndex(({ resolvedUtc }) => resolvedUtc !== null);
    if (this.incidents.length > KEPT && oldest > 0) this.incidents.splice(oldest, 1);
    this.options.onChange(incident);
  }
}
