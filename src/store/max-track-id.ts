/**
 * The highest track id a camera ever had, so that a restarted tracker goes on above it. Asked at start. A pass or an
 * event may be all there is of a track: its summary comes later, and never when the process dies before.
 */
import type { Store } from './open-store.ts';

/** 0 for a camera without tracks. */
export function maxTrackId(store: Store, camera: string): Promise<number> {
  return store.ask(async (sql) => {
    const [row] = await sql<{ max: number }[]>`
      select coalesce(greatest(
        (select max(track_id) from tracks where camera = ${camera}),
        (select max(track_id) from events where camera = ${camera}),
        (select max(track_id) from passes where camera = ${camera})
      ), 0)::float8 as max`;
    return row?.max ?? 0;
  });
}
