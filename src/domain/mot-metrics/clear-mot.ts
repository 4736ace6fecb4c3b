/**
 * CLEAR MOT (Bernardin & Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The CLEAR MOT Metrics", 2008).
 * An object keeps the track that it was last matched to as long as the two overlap enough; what is left is matched so
 * that the overlap is greatest. A switch is a match with another track than the last one. As py-motmetrics counts. Pure.
 */
import { assignWithin } from '../tracking/assignment.ts';
import { type IndexedFrames, ROUNDING } from './labelled-frames.ts';

export interface ClearMot {
  /** 1 − (misses + false positives + switches) / true boxes; null without true boxes. Can be negative. */
  readonly mota: number | null;
  /** Mean overlap (IoU) of the matches; null without matches. */
  readonly motp: number | null;
  readonly misses: number;
  readonly falsePositives: number;
  readonly switches: number;
  readonly matches: number;
  /** Objects followed in at least 80 % of their frames, and in less than 20 %. */
  readonly mostlyTracked: number;
  readonly mostlyLost: number;
}

const MOSTLY = 0.8;
const HARDLY = 0.2;

/** @param leastIou boxes that overlap less are never the same object */
export function clearMot({ frames, truthFrames, truthBoxes, trackBoxes }: IndexedFrames, leastIou = 0.5): ClearMot {
  const limit = leastIou - ROUNDING;
  const lastTrack = new Int32Array(truthFrames.length).fill(-1);
  const followed = new Int32Array(truthFrames.length);
  let matches = 0;
  let switches = 0;
  let overlap = 0;
  for (const { truth, tracks, iou } of frames) {
    const isTaken = new Uint8Array(tracks.length);
    const freeTruth: number[] = [];
    const match = (i: number, j: number) => {
      const object = truth[i] as number;
      const track = tracks[j] as number;
      if (lastTrack[object] !== -1 && lastTrack[object] !== track) switches++;
      lastTrack[object] = track;
      followed[object] = (followed[object] as number) + 1;
      isTaken[j] = 1;
      matches++;
      overlap += iou[i * tracks.length + j] as number;
    };
    truth.forEach((object, i) => {
      const j = tracks.indexOf(lastTrack[object] as number);
      if (j >= 0 && !isTaken[j] && (iou[i * tracks.length + j] as number) >= limit) match(i, j);
      else freeTruth.push(i);
    });
    const freeTracks = [...tracks.keys()].filter((j) => !isTaken[j]);
    const { pairs } = assignWithin(
      freeTruth.length,
      freeTracks.length,
      (a, b) => 1 - (iou[(freeTruth[a] as number) * tracks.length + (freeTracks[b] as number)] as number),
      1 - limit,
    );
    for (const [a, b] of pairs) match(freeTruth[a] as number, freeTracks[b] as number);
  }
  const misses = truthBoxes - matches;
  const falsePositives = trackBoxes - matches;
  const share = (object: number) => (followed[object] as number) / (truthFrames[object] as number);
  const objects = [...truthFrames.keys()];
  return {
    mota: truthBoxes === 0 ? null : 1 - (misses + falsePositives + switches) / truthBoxes,
    motp: matches === 0 ? null : overlap / matches,
    misses,
    falsePositives,
    switches,
    matches,
    mostlyTracked: objects.filter((object) => share(object) >= MOSTLY).length,
    mostlyLost: objects.filter((object) => share(object) < HARDLY).length,
  };
}
