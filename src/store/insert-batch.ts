/**
 * Stores a batch of facts: one statement, hence one transaction and one round trip. Every insert may be repeated, and
 * batches may come in any order, because a fact is delivered at least once, sometimes late, from the spool. Called by the
 * persister's FactStore.
 */
import type postgres from 'postgres';
import type { Fact } from '../rpc/records.ts';
import { factRows } from './fact-rows.ts';
import type { Sql, Store } from './open-store.ts';

const TIMEOUT_MS = 10_000;
/** Clocks of hosts differ by less. */
const SOON_S = 60;

/** @throws StopsignError BAD_INPUT when one of the facts cannot be stored, DATABASE_UNAVAILABLE otherwise */
export async function insertBatch(store: Store, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  const rows = factRows(facts, Date.now() / 1_000 + SOON_S);
  await store.ask((sql) => insertRows(sql, rows), TIMEOUT_MS);
}

async function insertRows(sql: Sql, rows: ReturnType<typeof factRows>): Promise<void> {
  const json = (value: unknown) => sql.json(value as postgres.JSONValue);
  await sql`
    with
    seen as (
      insert into cameras (name, first_seen_at, last_seen_at)
      select name, to_timestamp(first), to_timestamp(last)
      from jsonb_to_recordset(${json(rows.cameras)}) as c (name text, first float8, last float8)
      on conflict (name) do update set
        first_seen_at = least(cameras.first_seen_at, excluded.first_seen_at),
        -- A camera whose clock was ahead once is not seen there for ever.
        last_seen_at = case when cameras.last_seen_at > now() + ${SOON_S} * interval '1 s' then excluded.last_seen_at
          else greatest(cameras.last_seen_at, excluded.last_seen_at) end
      where excluded.last_seen_at > cameras.last_seen_at + interval '5 s'
        or cameras.last_seen_at > now() + ${SOON_S} * interval '1 s' or excluded.first_seen_at < cameras.first_seen_at
    ),
    frame as (
      insert into detections (camera, ts, epoch, frame, rtp, width, height, boxes, classes)
      select camera, to_timestamp("captureTsUs" / 1e6::float8), epoch, frame, rtp, width, height, boxes, classes
      from jsonb_to_recordset(${json(rows.frames)}) as f (
        camera text, "captureTsUs" float8, epoch bigint, frame bigint, rtp bigint, width integer, height integer,
        boxes real[], classes text[]
      )
      on conflict do nothing
    ),
    track as (
      insert into tracks (camera, track_id, class, first_at, last_at, frames, parked, ended, last, standing, calibration)
      select camera, "trackId", class, to_timestamp("firstUtc"), to_timestamp("lastUtc"), frames, parked, ended, last,
        nullif(standing, 'null'::jsonb), calibration
      from jsonb_to_recordset(${json(rows.tracks)}) as t (
        camera text, "trackId" bigint, class text, "firstUtc" float8, "lastUtc" float8, frames bigint, parked boolean,
        ended boolean, last jsonb, standing jsonb, calibration text
      )
      on conflict (camera, track_id) do update set
        class = excluded.class, first_at = excluded.first_at, last_at = excluded.last_at, frames = excluded.frames,
        parked = excluded.parked, ended = excluded.ended, last = excluded.last, standing = excluded.standing,
        calibration = excluded.calibration
      -- As newerTrack in fact-rows.ts: all of the newest summary, whatever came first.
      where (excluded.last_at <= now() + ${SOON_S} * interval '1 s', excluded.last_at, excluded.ended, excluded.frames)
        >= (tracks.last_at <= now() + ${SOON_S} * interval '1 s', tracks.last_at, tracks.ended, tracks.frames)
    ),
    happened as (
      insert into events (id, camera, type, track_id, ts, body)
      select body->>'id', body->>'camera', body->>'type', (body->>'track_id')::bigint,
        to_timestamp((body->>'ts_utc')::float8), body
      from jsonb_to_recordset(${json(rows.events)}) as e (body jsonb)
      on conflict (id) do update set body = excluded.body
      where events.type = 'incident' and excluded.type = 'incident' and events.body <> excluded.body
        -- As laterTelling in fact-rows.ts: what is resolved stays so.
        and (excluded.body#>>'{detail,resolvedUtc}' is not null or events.body#>>'{detail,resolvedUtc}' is null)
    ),
    passed as (
      insert into passes (
        id, camera, track_id, vehicle, entered_at, exited_at, verdict, reason, forced, encroached, complete,
        stopped_s, stopped_s_lo, stopped_s_hi,
        min_speed, min_speed_lo, min_speed_hi, min_speed_unit, min_speed_at,
        approach_speed, approach_speed_lo, approach_speed_hi, approach_speed_unit,
        stop_distance_m, stop_distance_m_lo, stop_distance_m_hi,
        time_in_zone_s, sample_count, config_version, model_sha256, body, samples, evidence
      )
      select
        body->>'id', body->>'camera', (body->>'track_id')::bigint, body->>'vehicle',
        to_timestamp((body->>'entered_utc')::float8), to_timestamp((body->>'exited_utc')::float8),
        body->>'verdict', body->>'reason',
        (body->>'forced')::boolean, (body->>'encroached')::boolean, (body->>'complete')::boolean,
        (body#>>'{stopped_s,value}')::float8, (body#>>'{stopped_s,lo}')::float8, (body#>>'{stopped_s,hi}')::float8,
        (body#>>'{min_speed,value}')::float8, (body#>>'{min_speed,lo}')::float8, (body#>>'{min_speed,hi}')::float8,
        body#>>'{min_speed,unit}', to_timestamp((body->>'min_speed_utc')::float8),
        (body#>>'{approach_speed,value}')::float8, (body#>>'{approach_speed,lo}')::float8,
        (body#>>'{approach_speed,hi}')::float8, body#>>'{approach_speed,unit}',
        (body#>>'{stop_distance_m,value}')::float8, (body#>>'{stop_distance_m,lo}')::float8,
        (body#>>'{stop_distance_m,hi}')::float8,
        (body->>'time_in_zone_s')::float8, (body->>'samples')::integer, body->>'config_version',
        body->>'model_sha256', body, samples, evidence
      from jsonb_to_recordset(${json(rows.passes)}) as p (body jsonb, samples jsonb, evidence jsonb)
      on conflict do nothing
    )
    insert into session_metrics (
      camera, epoch, from_at, to_at, frames_decoded, frames_dropped, frames_skipped, frames_tracked,
      latency_p50_ms, latency_p95_ms
    )
    select camera, epoch, to_timestamp("fromUtc"), to_timestamp("toUtc"), "framesDecoded", "framesDropped",
      "framesSkipped", "framesTracked", "latencyP50Ms", "latencyP95Ms"
    from jsonb_to_recordset(${json(rows.metrics)}) as m (
      camera text, epoch bigint, "fromUtc" float8, "toUtc" float8, "framesDecoded" bigint, "framesDropped" bigint,
      "framesSkipped" bigint, "framesTracked" bigint, "latencyP50Ms" float8, "latencyP95Ms" float8
    )
    on conflict do nothing`;
}
