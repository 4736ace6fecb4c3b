/** Deletes per-frame detections that are older than they are kept; passes and events stay. Called by the persister. */
import type { Store } from './open-store.ts';

/** Small enough that an insert never waits long behind it. */
export const PURGE_CHUNK = 5_000;

/** Returns how many went; as many as `PURGE_CHUNK` means there may be more. */
export function purgeDetections(store: Store, beforeUtc: number): Promise<number> {
  return store.ask(async (sql) => {
    const gone = await sql`
      delete from detections
      where ctid in (
        select old.ctid
        from cameras c
        cross join lateral (
          select d.ctid from detections d
          where d.camera = c.name and d.ts < to_timestamp(${beforeUtc}::float8)
          order by d.ts
          limit ${PURGE_CHUNK}
        ) old
        limit ${PURGE_CHUNK}
      )`;
    return gone.count;
  }, 30_000);
}
