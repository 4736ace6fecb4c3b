/**
 * The sites that a camera is known to have been judged under: as it was configured last, and those its passes were judged
 * again under. Asked by `stopsign rejudge`, to say what is different now.
 */
import type { Site } from '../domain/types.ts';
import type { Sql } from './open-store.ts';

/** Newest first. */
export async function knownSites(sql: Sql, camera: string): Promise<readonly Site[]> {
  const rows = await sql<{ site: Site }[]>`
    select site from (
      select site, now() as at from cameras where name = ${camera} and site is not null
      union all
      select site, at from rejudgements where camera = ${camera}
    ) known order by at desc`;
  return rows.map(({ site }) => site);
}
