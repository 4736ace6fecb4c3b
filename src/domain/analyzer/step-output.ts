/** What a step tells: gathered by the files of this folder, handed out by site-analyzer.ts. */
import { eventId } from '../event-id.ts';
import type { TrackInfo, Vehicle } from '../stop/vehicle.ts';
import type { ConditionEvent, DomainEvent, MomentEvent, PassEvidence, PassSample, TrackView } from '../types.ts';

export interface StepOutput {
  readonly tracks: readonly TrackView[];
  readonly events: readonly DomainEvent[];
  /** What began or ended with the camera's view. */
  readonly conditions: readonly ConditionEvent[];
  /** The smoothed samples of each pass among the events, by its id. */
  readonly passSamples: Readonly<Record<string, readonly PassSample[]>>;
  /** What each of them was judged on, by its id. */
  readonly passEvidence: Readonly<Record<string, PassEvidence>>;
  /** Tracks that are over. */
  readonly ended: readonly TrackInfo[];
  /** False when the observation was ignored because it was not later than the last. */
  readonly accepted: boolean;
}

/** A `StepOutput` that is being made. */
export class Output {
  tracks: TrackView[] = [];
  readonly events: DomainEvent[] = [];
  readonly conditions: ConditionEvent[] = [];
  readonly passSamples: Record<string, readonly PassSample[]> = {};
  readonly passEvidence: Record<string, PassEvidence> = {};
  readonly ended: TrackInfo[] = [];

  done(accepted: boolean): StepOutput {
    const { tracks, events, conditions, passSamples, passEvidence, ended } = this;
    return { tracks, events, conditions, passSamples, passEvidence, ended, accepted };
  }

  /** Something that happened to a vehicle at a moment. */
  moment(camera: string, vehicle: Pick<Vehicle, 'id' | 'class'>, type: MomentEvent['type'], tsUtc: number): void {
    const id = eventId(tsUtc, camera, type, vehicle.id);
    this.events.push({ type, id, camera, track_id: vehicle.id, vehicle: vehicle.class, ts_utc: tsUtc });
  }
}
