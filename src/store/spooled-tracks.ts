/**
 * What the spool still holds of tracks, for a start that finds facts which the database does not know: after a crash the
 * last moment, after an outage much more. Read once by the analyzer before it builds the plan.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact, TrackSummary } from '../rpc/records.ts';
import { newerTrack } from './fact-rows.ts';

/** About ten minutes of one camera; parsing it takes a quarter of a second. */
const READ_BYTES = 16 * 2 ** 20;

export interface SpooledTracks {
  /** The newest summary of each track, in no order. */
  readonly tracks: readonly TrackSummary[];
  /** By camera: the newest moment that is told of, UTC s. */
  readonly lastUtc: ReadonlyMap<string, number>;
}

/** null: there is more than can be read quickly, or it cannot be read; it may hold anything. */
export function spooledTracks(dir: string, readBytes = READ_BYTES): SpooledTracks | null {
  try {
    const paths = existsSync(dir) ? readdirSync(dir).sort().filter(isSegment) : [];
    const files = paths.map((name) => join(dir, name));
    if (files.reduce((sum, path) => sum + statSync(path).size, 0) > readBytes) return null;
    return tracksIn(files.flatMap((path) => readFileSync(path, 'utf8').split('\n')));
  } catch {
    return null;
  }
}

const isSegment = (name: string): boolean => name.endsWith('.ndjson');

function tracksIn(lines: readonly string[]): SpooledTracks {
  const tracks = new Map<string, TrackSummary>();
  const lastUtc = new Map<string, number>();
  for (const line of lines) {
    const fact = parsed(line);
    if (fact?.kind === 'frame') seeUntil(lastUtc, fact.record.camera, fact.record.captureTsUs / 1e6);
    if (fact?.kind !== 'track') continue;
    const { track } = fact;
    const key = `${track.camera}/${track.trackId}`;
    tracks.set(key, newerTrack(tracks.get(key) ?? track, track));
    seeUntil(lastUtc, track.camera, track.lastUtc);
  }
  return { tracks: [...tracks.values()], lastUtc };
}

function seeUntil(lastUtc: Map<string, number>, camera: string, utc: number): void {
  lastUtc.set(camera, Math.max(lastUtc.get(camera) ?? utc, utc));
}

/** null for a torn line (a crash in mid-write), as the spool itself ignores it. */
function parsed(line: string): Fact | null {
  try {
    return JSON.parse(line) as Fact;
  } catch {
    return null;
  }
}
