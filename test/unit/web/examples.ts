/** Messages and passes as the server sends them, for the tests of the page. */
import type { PassEvent, TrackView } from '../../../src/domain/types.ts';
import type { SystemStatus } from '../../../src/rpc/api/types.ts';
import type { ActorStatus } from '../../../src/rpc/control.ts';
import type { LiveFrame, LiveStatus } from '../../../src/rpc/live.ts';

export function track(changes: Partial<TrackView> = {}): TrackView {
  return {
    id: 1,
    bbox: [100, 100, 200, 160],
    speed: 31.2,
    speed_unit: 'km/h',
    direction: null,
    is_parked: false,
    class: 'car',
    score: 0.9,
    state: 'approaching',
    ...changes,
  };
}

export function liveFrame(changes: Partial<LiveFrame> = {}): LiveFrame {
  return {
    v: 1,
    type: 'frame',
    ts_utc: 1_000,
    frame: 1,
    epoch: 1,
    rtp: 3_000,
    tracks: [track()],
    raw_dimensions: { w: 1280, h: 720 },
    scaled_dimensions: { w: 1280, h: 720 },
    stages: { received: 1, decoded: 2 },
    ...changes,
  };
}

export function liveStatus(changes: Partial<LiveStatus> = {}): LiveStatus {
  return {
    v: 1,
    type: 'status',
    ts_utc: 1_000,
    camera: 'demo',
    stream: 'online',
    detail: null,
    fps: { decoded: 30, analyzed: 30 },
    latency_ms: { decode_to_emit_p50: 40, decode_to_emit_p95: 90 },
    pipeline: 'ok',
    database: 'ok',
    viewers: 1,
    ...changes,
  };
}

export function pass(changes: Partial<PassEvent> = {}): PassEvent {
  return {
    type: 'pass',
    id: 'p1',
    camera: 'demo',
    track_id: 12,
    vehicle: 'car',
    entered_utc: 1_000,
    exited_utc: 1_005,
    verdict: 'full_stop',
    reason: 'stood 1.48 s',
    forced: false,
    encroached: false,
    complete: true,
    stopped_s: { value: 1.48, lo: 1.39, hi: 1.57 },
    min_speed: { value: 0, lo: 0, hi: 0.6, unit: 'km/h' },
    min_speed_utc: 1_003,
    approach_speed: { value: 31.2, lo: 30.1, hi: 32.3, unit: 'km/h' },
    stop_distance_m: { value: 0.8, lo: 0.5, hi: 1.1 },
    time_in_zone_s: 4.1,
    samples: 93,
    config_version: '1',
    model_sha256: null,
    ...changes,
  };
}

export function actor(changes: Partial<ActorStatus> = {}): ActorStatus {
  return {
    name: 'inference',
    state: 'running',
    generation: 1,
    restarts: 0,
    startedUtc: 900,
    heartbeatAgeMs: 40,
    in: 100,
    out: 100,
    dropped: 0,
    skipped: 0,
    errors: 0,
    waiting: 0,
    latencyMs: 48,
    ...changes,
  };
}

export function system(changes: Partial<SystemStatus> = {}): SystemStatus {
  return {
    tsUtc: 1_000,
    version: '0.1.0',
    uptimeS: 60,
    actors: ['decoder:demo', 'inference', 'tracker:demo', 'persister', 'gateway'].map((name) => actor({ name })),
    cameras: [liveStatus()],
    database: 'ok',
    model: { name: 'yolox-nano', sha256: 'ab' },
    ready: true,
    checks: [],
    ...changes,
  };
}
