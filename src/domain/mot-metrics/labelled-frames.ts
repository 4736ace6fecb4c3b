/**
 * What the tracking metrics compare: the true boxes of each frame and a tracker's boxes, both with identities, and how
 * far they overlap. Pure; called by the metrics of this folder.
 */
import { boxIou } from '../tracking/box-overlap.ts';
import type { Box } from '../types.ts';

export interface LabelledBox {
  /** The same object has the same number in all frames; any integers. */
  readonly id: number;
  readonly bbox: Box;
}

/** One frame: what is there, and what the tracker says. Ids are unique within each list. */
export interface LabelledFrame {
  readonly truth: readonly LabelledBox[];
  readonly tracks: readonly LabelledBox[];
}

/** A frame with ids counted from 0 in order of appearance, and IoU of truth i and track j at [i · tracks.length + j]. */
export interface IndexedFrame {
  readonly truth: Int32Array;
  readonly tracks: Int32Array;
  readonly iou: Float64Array;
}

export interface IndexedFrames {
  readonly frames: readonly IndexedFrame[];
  /** In how many frames each true object and each track is. */
  readonly truthFrames: Int32Array;
  readonly trackFrames: Int32Array;
  /** Boxes in all frames. */
  readonly truthBoxes: number;
  readonly trackBoxes: number;
}

/** Overlaps computed from the corners are off by rounding: an overlap of exactly the limit is enough. */
export const ROUNDING = 1e-12;

export function indexFrames(frames: readonly LabelledFrame[]): IndexedFrames {
  const truthIds = new Map<number, number>();
  const trackIds = new Map<number, number>();
  const indexed = frames.map(({ truth, tracks }): IndexedFrame => {
    const iou = new Float64Array(truth.length * tracks.length);
    truth.forEach((a, i) => {
      tracks.forEach((b, j) => {
        iou[i * tracks.length + j] = boxIou(a.bbox, b.bbox);
      });
    });
    return { truth: numbered(truth, truthIds), tracks: numbered(tracks, trackIds), iou };
  });
  const truthFrames = new Int32Array(truthIds.size);
  const trackFrames = new Int32Array(trackIds.size);
  let truthBoxes = 0;
  let trackBoxes = 0;
  for (const { truth, tracks } of indexed) {
    for (const i of truth) truthFrames[i] = (truthFrames[i] as number) + 1;
    for (const j of tracks) trackFrames[j] = (trackFrames[j] as number) + 1;
    truthBoxes += truth.length;
    trackBoxes += tracks.length;
  }
  return { frames: indexed, truthFrames, trackFrames, truthBoxes, trackBoxes };
}

function numbered(boxes: readonly LabelledBox[], ids: Map<number, number>): Int32Array {
  return Int32Array.from(boxes, ({ id }) => {
    const known = ids.get(id);
    if (known !== undefined) return known;
    ids.set(id, ids.size);
    return ids.size - 1;
  });
}
