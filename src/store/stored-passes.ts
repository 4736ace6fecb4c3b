/** Stored passes with what they were judged on, page by page in the order they happened. Asked by `stopsign rejudge`. */
import type { PassEvent, PassEvidence } from '../domain/types.ts';
import type { Sql } from './open-store.ts';

export interface StoredPassesQuestion {
  /** By the time they entered the zone, UTC seconds. */
  readonly sinceUtc: number;
  readonly untilUtc?: number | undefined;
  /** Absent: all cameras. */
  readonly camera?: string | undefined;
}

export interface StoredPass {
  readonly pass: PassEvent;
  /** null: stored by a version that did not keep it. */
  readonly evidence: PassEvidence | null;
}

/** Evidence is large: so many are in memory at a time. */
const PAGE = 100;

/** The ids come first, so that a pass whose times change on the way is neither met twice nor missed. */
export async function passIds(sql: Sql, question: StoredPassesQuestion) {
  const { sinceUtc, untilUtc = null, camera = null } = question;
  const rows = await sql<{ id: string; camera: string }[]>`
    select id, camera from passes
    where entered_at >= to_timestamp(${sinceUtc}::float8)
      and (${untilUtc}::float8 is null or entered_at < to_timestamp(${untilUtc}::float8))
      and (${camera}::text is null or camera = ${camera})
    order by entered_at, id`;
  return { ids: rows.map((row) => row.id), cameras: [...new Set(rows.map((row) => row.camera))].sort() };
}

export async function* storedPasses(sql: Sql, ids: readonly string[]): AsyncGenerator<readonly StoredPass[]> {
  for (let i = 0; i < ids.length; i += PAGE) {
    const page = ids.slice(i, i + PAGE);
    const rows = await sql<{ id: string; body: PassEvent; evidence: PassEvidence | null }[]>`
      select id, body, evidence from passes where id in ${sql(page as string[])}`;
    const byId = new Map(rows.map((row) => [row.id, { pass: row.body, evidence: row.evidence }]));
    yield page.flatMap((id) => byId.get(id) ?? []);
  }
}
