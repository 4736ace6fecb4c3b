/** Facts as the tracker writes them, for the tests of the store and the persister. */
import type { ConditionEvent, PassEvent, PassSample, Verdict } from '../../../src/domain/types.ts';
import type { Fact, SessionMetrics, TrackSummary } from '../../../src/rpc/records.ts';

export const T0 = 1_726_179_150;

export function frameFact(frame: number, camera = 'demo', epoch = 1): Fact {
  const captureTsUs = T0 * 1e6 + frame * 33_333;
  const detections = [
    { bbox: [10.5, 20.25, 110.125, 220], score: 0.9, class: 'car' },
    { bbox: [300, 40, 360, 90], score: 0.5, class: 'bus' },
  ] as const;
  const stages = { received: captureTsUs, decoded: captureTsUs + 5_000 };
  const record = {
    camera,
    frame,
    epoch,
    rtp: 4_294_967_000,
    captureTsUs,
    width: 1280,
    height: 720,
    detections,
    stages,
  };
  return { kind: 'frame', record };
}

export function passEvent(n: number, verdict: Verdict = 'full_stop', over: Partial<PassEvent> = {}): PassEvent {
  const enteredUtc = T0 + n * 60 + 0.1234567;
  return {
    type: 'pass',
    id: `01JPASS${String(n).padStart(6, '0')}`,
    camera: 'demo',
    track_id: n,
    vehicle: 'car',
    entered_utc: enteredUtc,
    exited_utc: enteredUtc + 5,
    verdict,
    reason: 'stood 1.48 s',
    forced: false,
    encroached: true,
    complete: true,
    stopped_s: { value: 1.48, lo: 1.39, hi: 1.57 },
    min_speed: { value: 0, lo: 0, hi: 0.6, unit: 'km/h' },
    min_speed_utc: enteredUtc + 3,
    approach_speed: { value: 31.2, lo: 30.1, hi: 32.3, unit: 'km/h' },
    stop_distance_m: null,
    time_in_zone_s: 4.1,
    samples: 93,
    config_version: 'abc',
    model_sha256: null,
    ...over,
  };
}

export const SAMPLES: readonly PassSample[] = [
  { ts_utc: T0 + 0.1, bbox: [1, 2, 3, 4], ground: [0.5, 12.25], speed: 31.2 },
  { ts_utc: T0 + 0.2, bbox: [1, 2, 3, 4], ground: null, speed: null },
];

export function passFact(n: number, verdict: Verdict = 'full_stop', over: Partial<PassEvent> = {}): Fact {
  return { kind: 'event', event: passEvent(n, verdict, over), samples: SAMPLES };
}

export function incidentFact(id: string, tsUtc: number, resolvedUtc: number | null = null): Fact {
  const detail = { actor: 'decoder:demo', generation: 2, cause: 'stall', detail: 'nothing moved', resolvedUtc };
  const event: ConditionEvent = { type: 'incident', id, camera: 'demo', ts_utc: tsUtc, detail };
  return { kind: 'event', event };
}

export function trackFact(trackId: number, lastUtc: number, over: Partial<TrackSummary> = {}): Fact {
  const last = {
    id: trackId,
    bbox: [1, 2, 3, 4],
    speed: null,
    speed_unit: 'km/h',
    direction: null,
    is_parked: false,
    class: 'car',
    score: 0.9,
    state: 'moving',
  } as const;
  const times = { firstUtc: T0, lastUtc, frames: Math.round((lastUtc - T0) * 30) };
  const track = {
    camera: 'demo',
    trackId,
    class: 'car',
    ...times,
    parked: false,
    last,
    standing: null,
    ended: false,
    ...over,
  };
  return { kind: 'track', track };
}

export function metrics(minute: number): SessionMetrics {
  return {
    camera: 'demo',
    epoch: 1,
    fromUtc: T0 + minute * 60,
    toUtc: T0 + minute * 60 + 60,
    framesDecoded: 1_800,
    framesDropped: 2,
    framesSkipped: 3,
    framesTracked: 1_795,
    latencyP50Ms: 19.5,
    latencyP95Ms: null,
  };
}
