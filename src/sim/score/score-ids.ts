/**
 * Whether a vehicle kept its id. From the tracks themselves where they are to be had (as CLEAR MOT counts: a switch is a
 * change of the id that a true body is matched to), else from the events: more than one id in one true pass. Pure.
 */
import type { Box, DomainEvent } from '../../domain/types.ts';
import type { Truth } from '../truth-file.ts';
import type { PassMatches } from './match-passes.ts';
import { iou, truthAt } from './truth-at.ts';

export interface IdScore {
  readonly from: 'tracks' | 'events';
  readonly switches: number;
  readonly bodies: readonly { readonly id: string; readonly ids: readonly number[] }[];
}

export interface TimedTracks {
  readonly tsUtc: number;
  readonly tracks: readonly { readonly id: number; readonly bbox: Box }[];
}

const SAME_IOU = 0.4;
/** Unseen for so long, a driving body has left and come anew. */
const NEXT_LAP_S = 10;

export function idsFromTracks(truth: Truth, frames: readonly TimedTracks[], startUtc: number): IdScore {
  const last = new Map<string, { track: number; tsUtc: number }>();
  const seen = new Map<string, number[]>();
  let switches = 0;
  for (const { tsUtc, tracks } of frames) {
    const bodies = truthAt(truth, tsUtc - startUtc) ?? [];
    for (const body of bodies) {
      if (body.vehicle === null || body.occluded > 0.5) continue;
      let best: { id: number; overlap: number } | null = null;
      for (const { id, bbox } of tracks) {
        const overlap = iou(body.box, bbox);
        // a track that lies better on another body is that one's
        if (bodies.some((other) => other !== body && iou(other.box, bbox) > overlap)) continue;
        if (overlap > SAME_IOU && (!best || overlap > best.overlap)) best = { id, overlap };
      }
      if (!best) continue;
      const before = last.get(body.id);
      // a loop brings the same body again: another vehicle for whoever watches
      const isAnother = !before || (body.lane !== null && tsUtc - before.tsUtc > NEXT_LAP_S);
      if (before && !isAnother && before.track !== best.id) {
        switches++;
        const ids = seen.get(body.id) ?? [before.track];
        ids.push(best.id);
        seen.set(body.id, ids);
      }
      last.set(body.id, { track: best.id, tsUtc });
    }
  }
  return { from: 'tracks', switches, bodies: [...seen].map(([id, ids]) => ({ id, ids })) };
}

/** An id with an event during a true pass that belongs to no other pass at that time is one too many. */
export function idsFromEvents({ found }: PassMatches, events: readonly DomainEvent[]): IdScore {
  const bodies: { id: string; ids: number[] }[] = [];
  let switches = 0;
  for (const { played, event } of found) {
    const others = found.filter(
      (other) =>
        other.event !== event &&
        other.played.exitedUtc > played.enteredUtc &&
        other.played.enteredUtc < played.exitedUtc,
    );
    if (others.length > 0) continue;
    const ids = [event.track_id];
    for (const moment of events) {
      if (moment.type === 'pass' || moment.type === 'parked' || moment.type === 'unparked') continue;
      if (moment.type !== 'zone_entered' && moment.type !== 'zone_left') continue;
      const isDuring = moment.ts_utc >= played.enteredUtc && moment.ts_utc <= played.exitedUtc;
      if (isDuring && !ids.includes(moment.track_id)) ids.push(moment.track_id);
    }
    switches += ids.length - 1;
    if (ids.length > 1) bodies.push({ id: played.truth.id, ids });
  }
  return { from: 'events', switches, bodies };
}
