/**
 * Which vehicles stood in front of each camera when the analyzer last ended, so that a parked car keeps its number over a
 * restart. Called once by the analyzer before it builds the plan; bounded, and the database need not be there.
 */
import type { StandingVehicle } from '../domain/site-analyzer.ts';
import { StopsignError } from '../errors.ts';
import { openStore, type Store } from './open-store.ts';

/** Out of sight for longer than this before the end, they were forgotten already (the tracker's own memory). */
const STOPPED_S = 30;
const PARKED_S = 600;

/** By camera; a camera without such vehicles, or all of them while the database cannot be asked, has an empty list. */
export async function standingVehicles(
  databaseUrl: string,
  cameras: readonly string[],
): Promise<Record<string, readonly StandingVehicle[]>> {
  await using store = openStore({ url: databaseUrl, applicationName: 'stopsign start', maxConnections: 1 });
  try {
    const lists = await Promise.all(cameras.map((camera) => standingAtEnd(store, camera)));
    return Object.fromEntries(cameras.map((camera, i) => [camera, lists[i] ?? []]));
  } catch (error) {
    if (StopsignError.from(error).code !== 'DATABASE_UNAVAILABLE') throw error;
    return Object.fromEntries(cameras.map((camera) => [camera, []]));
  }
}

/** The end is the camera's last frame. */
export function standingAtEnd(store: Store, camera: string): Promise<StandingVehicle[]> {
  return store.ask(async (sql) => {
    const rows = await sql<{ standing: StandingVehicle }[]>`
      select standing
      from tracks join cameras on cameras.name = tracks.camera
      where tracks.camera = ${camera} and standing is not null
        and last_at >= last_seen_at - make_interval(secs => case when parked then ${PARKED_S}::float8 else ${STOPPED_S}::float8 end)
      order by track_id`;
    return rows.map(({ standing }) => standing);
  });
}
