/**
 * Which vehicles stood in front of each camera when the analyzer last ended, so that a parked car keeps its number over a
 * restart. Called once by the analyzer before it builds the plan; bounded, and the database need not be there.
 *
 * To know a car again wrongly is worse than not to know it: a camera whose last moments cannot be told, or whose
 * calibration has changed, is told of nobody.
 */
import type { StandingVehicle } from '../domain/site-analyzer.ts';
import { StopsignError } from '../errors.ts';
import type { TrackSummary } from '../rpc/records.ts';
import { spoolDir } from './first-track-ids.ts';
import { openStore, type Store } from './open-store.ts';
import { type SpooledTracks, spooledTracks } from './spooled-tracks.ts';

/** Out of sight for longer than this before the end, they were forgotten already (the tracker's own memory). */
const STOPPED_S = 30;
const PARKED_S = 600;

export interface RecallingCamera {
  readonly name: string;
  /** `calibrationVersion` of its site: places of another one mean nothing. */
  readonly calibration: string;
}

/**
 * By camera; a camera without such vehicles, or all of them while the database cannot be asked, has an empty list.
 * @param dataDir whose spool may know more than the database
 */
export async function standingVehicles(
  databaseUrl: string,
  cameras: readonly RecallingCamera[],
  dataDir?: string,
): Promise<Record<string, readonly StandingVehicle[]>> {
  const none = Object.fromEntries(cameras.map(({ name }) => [name, []]));
  const spooled = dataDir === undefined ? NOTHING_SPOOLED : spooledTracks(spoolDir(dataDir));
  if (!spooled) return none;
  await using store = openStore({ url: databaseUrl, applicationName: 'stopsign start', maxConnections: 1 });
  try {
    const lists = await Promise.all(cameras.map((camera) => standingAtEnd(store, camera, spooled)));
    return Object.fromEntries(cameras.map(({ name }, i) => [name, lists[i] ?? []]));
  } catch (error) {
    if (StopsignError.from(error).code !== 'DATABASE_UNAVAILABLE') throw error;
    return none;
  }
}

const NOTHING_SPOOLED: SpooledTracks = { tracks: [], lastUtc: new Map() };

/** A track's newest summary, as far as it matters here. */
type LastSummary = Pick<TrackSummary, 'trackId' | 'lastUtc' | 'standing'> & { readonly calibration?: string | null };

/** The end is the camera's last frame, wherever it is told of. */
async function standingAtEnd(
  store: Store,
  { name, calibration }: RecallingCamera,
  spooled: SpooledTracks,
): Promise<readonly StandingVehicle[]> {
  const stored = await storedAtEnd(store, name);
  const endUtc = Math.max(stored.endUtc, spooled.lastUtc.get(name) ?? 0);
  const newest = new Map<number, LastSummary>();
  for (const track of [...stored.tracks, ...spooled.tracks.filter(({ camera }) => camera === name)]) {
    const known = newest.get(track.trackId);
    if (!known || track.lastUtc >= known.lastUtc) newest.set(track.trackId, track);
  }
  return [...newest.values()]
    .filter((track) => track.calibration === calibration)
    .flatMap(({ standing }) => standing ?? [])
    .filter(({ lastUtc, isParked }) => lastUtc >= endUtc - (isParked ? PARKED_S : STOPPED_S))
    .sort((a, b) => a.trackId - b.trackId);
}

/** All of the last minutes, those that moved too: the spool may still hold that one of them stood before. */
function storedAtEnd(store: Store, camera: string): Promise<{ tracks: readonly LastSummary[]; endUtc: number }> {
  return store.ask(async (sql) => {
    const [seen] = await sql<{ utc: number }[]>`
      select extract(epoch from last_seen_at)::float8 as utc from cameras where name = ${camera}`;
    const endUtc = seen?.utc ?? 0;
    const tracks = await sql<LastSummary[]>`
      select track_id::float8 as "trackId", extract(epoch from last_at)::float8 as "lastUtc", standing, calibration
      from tracks
      where camera = ${camera} and last_at >= to_timestamp(${endUtc - PARKED_S}::float8)`;
    return { tracks, endUtc };
  });
}
