/**
 * Puts new judgements in the place of old ones, and the old ones into the audit. Both functions belong into one
 * transaction of the caller, `stopsign rejudge --apply`.
 */
import type postgres from 'postgres';
import type { PassEvent, PassSample, Site } from '../domain/types.ts';
import type { Sql } from './open-store.ts';
import type { StoredPassesQuestion } from './stored-passes.ts';

export interface RejudgementNote extends StoredPassesQuestion {
  /** Who asked for it. */
  readonly by: string;
  readonly configVersion: string;
  readonly site: Site;
}

/** Returns its number, under which the single passes are kept. */
export async function beginRejudgement(sql: Sql, note: RejudgementNote): Promise<number> {
  const { by, sinceUtc, untilUtc = null, camera = null, configVersion, site } = note;
  const [row] = await sql<{ id: number }[]>`
    insert into rejudgements (by, since_at, until_at, camera, config_version, site)
    values (${by}, to_timestamp(${sinceUtc}::float8), to_timestamp(${untilUtc}::float8), ${camera}, ${configVersion},
      ${sql.json(site as unknown as postgres.JSONValue)})
    returning id::float8 as id`;
  return (row as { id: number }).id;
}

export interface NewJudgement {
  readonly pass: PassEvent;
  readonly samples: readonly PassSample[];
}

export async function keepRejudged(sql: Sql, rejudgement: number, judged: readonly NewJudgement[]): Promise<void> {
  if (judged.length === 0) return;
  const rows = sql.json(judged.map(({ pass, samples }) => ({ body: pass, samples })) as unknown as postgres.JSONValue);
  await sql`
    insert into pass_rejudgements (rejudgement, pass, old_body, old_samples, new_body)
    select ${rejudgement}::bigint, passes.id, passes.body, passes.samples, n.body
    from jsonb_to_recordset(${rows}) as n (body jsonb) join passes on passes.id = n.body->>'id'`;
  await sql`
    update passes set
      entered_at = to_timestamp((n.body->>'entered_utc')::float8),
      exited_at = to_timestamp((n.body->>'exited_utc')::float8),
      verdict = n.body->>'verdict', reason = n.body->>'reason',
      forced = (n.body->>'forced')::boolean, encroached = (n.body->>'encroached')::boolean,
      complete = (n.body->>'complete')::boolean,
      stopped_s = (n.body#>>'{stopped_s,value}')::float8,
      stopped_s_lo = (n.body#>>'{stopped_s,lo}')::float8,
      stopped_s_hi = (n.body#>>'{stopped_s,hi}')::float8,
      min_speed = (n.body#>>'{min_speed,value}')::float8,
      min_speed_lo = (n.body#>>'{min_speed,lo}')::float8,
      min_speed_hi = (n.body#>>'{min_speed,hi}')::float8,
      min_speed_unit = n.body#>>'{min_speed,unit}',
      min_speed_at = to_timestamp((n.body->>'min_speed_utc')::float8),
      approach_speed = (n.body#>>'{approach_speed,value}')::float8,
      approach_speed_lo = (n.body#>>'{approach_speed,lo}')::float8,
      approach_speed_hi = (n.body#>>'{approach_speed,hi}')::float8,
      approach_speed_unit = n.body#>>'{approach_speed,unit}',
      stop_distance_m = (n.body#>>'{stop_distance_m,value}')::float8,
      stop_distance_m_lo = (n.body#>>'{stop_distance_m,lo}')::float8,
      stop_distance_m_hi = (n.body#>>'{stop_distance_m,hi}')::float8,
      time_in_zone_s = (n.body->>'time_in_zone_s')::float8,
      sample_count = (n.body->>'samples')::integer,
      config_version = n.body->>'config_version',
      body = n.body, samples = n.samples
    from jsonb_to_recordset(${rows}) as n (body jsonb, samples jsonb)
    where passes.id = n.body->>'id'`;
}
