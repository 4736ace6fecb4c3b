/**
 * All tracking measures of one recording in one object: HOTA, CLEAR MOT, identity. Called by `stopsign track --score`,
 * by bench/track.mjs and by tests. Pure.
 */
import { type ClearMot, clearMot } from './clear-mot.ts';
import { type Hota, hota } from './hota.ts';
import { type Identity, identity } from './identity.ts';
import { indexFrames, type LabelledFrame } from './labelled-frames.ts';

export interface TrackScore {
  readonly frames: number;
  readonly objects: number;
  readonly tracks: number;
  readonly truthBoxes: number;
  readonly trackBoxes: number;
  readonly hota: Hota | null;
  readonly clear: ClearMot;
  readonly identity: Identity;
}

/** @param leastIou for CLEAR MOT and identity; HOTA takes all overlaps from 0.05 to 0.95 */
export function scoreTracks(frames: readonly LabelledFrame[], leastIou = 0.5): TrackScore {
  const indexed = indexFrames(frames);
  return {
    frames: frames.length,
    objects: indexed.truthFrames.length,
    tracks: indexed.trackFrames.length,
    truthBoxes: indexed.truthBoxes,
    trackBoxes: indexed.trackBoxes,
    hota: hota(indexed),
    clear: clearMot(indexed, leastIou),
    identity: identity(indexed, leastIou),
  };
}
