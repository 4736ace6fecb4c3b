/** A judgement becomes the event that is stored, sent and exported: live and when a stored pass is judged again. Pure. */
import type { PassJudgement } from '../stop/judge-pass.ts';
import type { PassEvent } from '../types.ts';

export type PassIdentity = Pick<
  PassEvent,
  'id' | 'camera' | 'track_id' | 'vehicle' | 'config_version' | 'model_sha256'
>;

export function passEvent(judged: PassJudgement, of: PassIdentity): PassEvent {
  return {
    type: 'pass',
    id: of.id,
    camera: of.camera,
    track_id: of.track_id,
    vehicle: of.vehicle,
    entered_utc: judged.enteredUtc,
    exited_utc: judged.exitedUtc,
    verdict: judged.verdict,
    reason: judged.reason,
    forced: judged.forced,
    encroached: judged.encroached,
    complete: judged.complete,
    stopped_s: judged.stoppedS,
    min_speed: judged.minSpeed,
    min_speed_utc: judged.minSpeedUtc,
    approach_speed: judged.approachSpeed,
    stop_distance_m: judged.stopDistanceM,
    time_in_zone_s: judged.timeInZoneS,
    samples: judged.samples.length,
    config_version: of.config_version,
    model_sha256: of.model_sha256,
    ...(judged.decelerationMps2 ? { deceleration_mps2: judged.decelerationMps2 } : {}),
  };
}
