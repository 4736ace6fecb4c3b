/** The minutes of a camera's sessions: frames and latency. Asked by the gateway's admin page. */
import type { SessionMetrics } from '../rpc/records.ts';
import type { Store } from './open-store.ts';

export interface SessionMetricsQuestion {
  readonly camera: string;
  readonly sinceUtc: number;
  /** 1 … 1,440 */
  readonly limit: number;
}

/** Newest first. */
export function sessionMetrics(store: Store, question: SessionMetricsQuestion): Promise<readonly SessionMetrics[]> {
  const { camera, sinceUtc } = question;
  const limit = Math.min(Math.max(Math.trunc(question.limit), 1), 1_440);
  return store.ask(
    (sql) => sql<SessionMetrics[]>`
      select camera, epoch::float8 as epoch,
        extract(epoch from from_at)::float8 as "fromUtc", extract(epoch from to_at)::float8 as "toUtc",
        frames_decoded::float8 as "framesDecoded", frames_dropped::float8 as "framesDropped",
        frames_skipped::float8 as "framesSkipped", frames_tracked::float8 as "framesTracked",
        latency_p50_ms as "latencyP50Ms", latency_p95_ms as "latencyP95Ms"
      from session_metrics
      where camera = ${camera} and from_at >= to_timestamp(${sinceUtc}::float8)
      order by from_at desc
      limit ${limit}`,
  );
}
