/** The highest track id a camera ever had, so that a restarted tracker goes on above it. Asked at start. */
import type { Store } from './open-store.ts';

/** 0 for a camera without tracks. */
export function maxTrackId(store: Store, camera: string): Promise<number> {
  return store.ask(async (sql) => {
    const [row] = await sql<{ max: number }[]>`
      select coalesce(max(track_id), 0)::float8 as max from tracks where camera = ${camera}`;
    return row?.max ?? 0;
  });
}
