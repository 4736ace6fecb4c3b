/**
 * What is neither asked for nor counted as wrong is taken out before tracks are scored, as the KITTI tracking benchmark
 * does (Geiger et al. 2012; the rules as in TrackEval): a track box that lies on an object of no account (another kind of
 * vehicle, one hidden or cut off too much) goes with it; a track box that lies on nothing goes when it is too small or
 * mostly inside a region that was not labelled. Pure.
 */
import { assignWithin } from '../tracking/assignment.ts';
import { boxIou } from '../tracking/box-overlap.ts';
import type { Box } from '../types.ts';
import type { LabelledBox, LabelledFrame } from './labelled-frames.ts';

export interface TruthBox extends LabelledBox {
  /** Nobody has to find it, nobody is blamed for finding it. */
  readonly isIgnored: boolean;
}

export interface TruthFrame {
  readonly boxes: readonly TruthBox[];
  /** Where nobody labelled. */
  readonly regions: readonly Box[];
}

export interface IgnoreRules {
  /** Track boxes on nothing that are not higher than this do not count. */
  readonly leastHeightPx: number;
}

export const COUNT_ALL: IgnoreRules = { leastHeightPx: 0 };

const SAME_IOU = 0.5;
/** Share of a track box inside a region that excuses it. */
const EXCUSED_SHARE = 0.5;

export function withoutIgnored(
  truth: TruthFrame,
  tracks: readonly LabelledBox[],
  { leastHeightPx }: IgnoreRules,
): LabelledFrame {
  const { boxes, regions } = truth;
  const { pairs } = assignWithin(
    boxes.length,
    tracks.length,
    (i, j) => 1 - boxIou((boxes[i] as TruthBox).bbox, (tracks[j] as LabelledBox).bbox),
    1 - SAME_IOU,
  );
  const partner = new Map(pairs.map(([i, j]) => [j, boxes[i] as TruthBox]));
  return {
    truth: boxes.filter(({ isIgnored }) => !isIgnored),
    tracks: tracks.filter(({ bbox }, j) => {
      const on = partner.get(j);
      if (on) return !on.isIgnored;
      if (bbox[3] - bbox[1] <= leastHeightPx) return false;
      return !regions.some((region) => shareInside(bbox, region) > EXCUSED_SHARE);
    }),
  };
}

function shareInside(box: Box, region: Box): number {
  const width = Math.min(box[2], region[2]) - Math.max(box[0], region[0]);
  const height = Math.min(box[3], region[3]) - Math.max(box[1], region[1]);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / ((box[2] - box[0]) * (box[3] - box[1]));
}
