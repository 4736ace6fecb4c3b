/**
 * The whole system in one object, from the status board and the camera channels: what `status.*`, `/ready` and
 * `/healthz` answer. Reads only; gateway's thread.
 */
import type { ReadinessCheck, SystemStatus } from '../../rpc/api/types.ts';
import type { ActorStatus } from '../../rpc/control.ts';
import type { BoardRow, StatusBoard } from '../../shm/status-board.ts';
import type { RingReport } from '../runtime/ring-report.ts';
import type { CameraChannel } from './camera-channel.ts';
import { databaseState } from './database-state.ts';
import { heartbeatAgeMs } from './judge-pipeline.ts';
import type { GatewaySettings } from './settings.ts';

/** Without an analysed frame for this long a camera is not ready. */
const RECENT_FRAME_MS = 5_000;
/** An actor in mid-work may be silent for a while; beyond this its thread counts as dead. */
const DEAD_THREAD_MS = 10_000;

export interface StatusSource {
  readonly board: StatusBoard;
  readonly channels: readonly CameraChannel[];
  /** Absent: /metrics leaves the rings out. */
  readonly ringReports?: (() => readonly RingReport[]) | undefined;
  readonly settings: Pick<GatewaySettings, 'version' | 'model'>;
  readonly startedUs: number;
}

export function systemStatus(source: StatusSource, nowUs: number): SystemStatus {
  const { board, channels, settings } = source;
  const actors = actorStatuses(board, nowUs);
  const checks = readiness(source, nowUs);
  return {
    tsUtc: nowUs / 1e6,
    version: settings.version,
    uptimeS: Math.round((nowUs - source.startedUs) / 1e6),
    actors,
    cameras: channels.flatMap(({ latestStatus }) => (latestStatus ? [latestStatus] : [])),
    database: databaseState(board),
    model: settings.model,
    ready: checks.every(({ ok }) => ok),
    checks,
  };
}

export function readiness({ board, channels }: StatusSource, nowUs: number): readonly ReadinessCheck[] {
  const tsUtc = nowUs / 1e6;
  const actors = actorStatuses(board, nowUs).map(({ name, state, heartbeatAgeMs }): ReadinessCheck => {
    const alive = heartbeatAgeMs !== null && heartbeatAgeMs < DEAD_THREAD_MS;
    const detail = alive ? `${state}, heartbeat ${heartbeatAgeMs} ms ago` : `${state}, no heartbeat`;
    return { name: `actor ${name}`, ok: state === 'running' && alive, detail, tsUtc };
  });
  const cameras = channels.map(({ camera, lastFrameUs }): ReadinessCheck => {
    const ageMs = (nowUs - lastFrameUs) / 1000;
    const detail =
      lastFrameUs === 0 ? 'no frame analysed yet' : `last frame analysed ${(ageMs / 1000).toFixed(1)} s ago`;
    return { name: `camera ${camera.name}`, ok: lastFrameUs !== 0 && ageMs < RECENT_FRAME_MS, detail, tsUtc };
  });
  const database = databaseState(board);
  const detail = { ok: 'rows are written', spooling: 'away: rows are kept on disk', down: 'rows cannot be kept' }[
    database
  ];
  return [...actors, ...cameras, { name: 'database', ok: database !== 'down', detail, tsUtc }];
}

/** Threads that should run and do not move. Starting and restarting ones are the supervisor's business. */
export function deadThreads(board: StatusBoard, nowUs: number): readonly string[] {
  return actorStatuses(board, nowUs)
    .filter(({ state, heartbeatAgeMs }) => state === 'running' && (heartbeatAgeMs ?? 0) > DEAD_THREAD_MS)
    .map(({ name }) => name);
}

/** Rows that never had an actor (the supervisor's own) are left out. */
export function actorStatuses(board: StatusBoard, nowUs: number): readonly ActorStatus[] {
  return board.names
    .filter((name) => name !== 'supervisor')
    .map((name) => actorStatus(name, board.row(name).snapshot(), nowUs));
}

function actorStatus(name: string, row: BoardRow, nowUs: number): ActorStatus {
  return {
    name,
    state: row.state,
    generation: row.generation,
    restarts: row.restarts,
    startedUtc: row.startedUs === 0 ? null : row.startedUs / 1e6,
    heartbeatAgeMs: heartbeatAgeMs(row.heartbeatUs, nowUs),
    in: row.in,
    out: row.out,
    dropped: row.dropped,
    skipped: row.skipped,
    errors: row.errors,
    waiting: row.waiting,
    latencyMs: row.latencyUs === 0 ? null : Math.round(row.latencyUs / 100) / 10,
    ...(row.lostPackets > 0 && { lostPackets: row.lostPackets }),
    ...(row.skippedUnits > 0 && { skippedUnits: row.skippedUnits }),
    ...(row.damaged > 0 && { damaged: row.damaged }),
  };
}
