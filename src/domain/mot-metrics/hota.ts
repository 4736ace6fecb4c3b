/**
 * HOTA (Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking", IJCV 2021): at each overlap
 * α = 0.05, 0.10 … 0.95 the geometric mean of how well objects are found (DetA) and how well they are kept apart (AssA),
 * then the mean over α. Boxes are matched frame by frame so that overlap times the likeness of the two whole
 * trajectories is greatest, once for all α, as the authors' TrackEval does. Pure.
 */
import { assign } from '../tracking/assignment.ts';
import { type IndexedFrames, ROUNDING } from './labelled-frames.ts';

export interface Hota {
  readonly hota: number;
  /** Means over α of detection and association accuracy. */
  readonly deta: number;
  readonly assa: number;
  /** Mean overlap of the matches, over α. */
  readonly loca: number;
  /** One entry for each α of HOTA_ALPHAS. */
  readonly byAlpha: readonly { readonly alpha: number; readonly deta: number; readonly assa: number }[];
}

export const HOTA_ALPHAS: readonly number[] = Array.from({ length: 19 }, (_, k) => (k + 1) * 0.05);

interface Match {
  readonly object: number;
  readonly track: number;
  readonly iou: number;
}

/** null when there are neither true boxes nor tracks. */
export function hota(indexed: IndexedFrames): Hota | null {
  const { truthBoxes, trackBoxes } = indexed;
  if (truthBoxes + trackBoxes === 0) return null;
  const matches = matchFrames(indexed);
  const byAlpha = HOTA_ALPHAS.map((alpha) => {
    const kept = matches.filter(({ iou }) => iou >= alpha - ROUNDING);
    const localised = kept.reduce((sum, { iou }) => sum + iou, 0);
    return {
      alpha,
      deta: kept.length / (truthBoxes + trackBoxes - kept.length),
      assa: association(indexed, kept),
      loca: kept.length === 0 ? 1 : localised / kept.length,
    };
  });
  const mean = (pick: (at: (typeof byAlpha)[number]) => number) =>
    byAlpha.reduce((sum, at) => sum + pick(at), 0) / byAlpha.length;
  return {
    hota: mean(({ deta, assa }) => Math.sqrt(deta * assa)),
    deta: mean(({ deta }) => deta),
    assa: mean(({ assa }) => assa),
    loca: mean(({ loca }) => loca),
    byAlpha: byAlpha.map(({ alpha, deta, assa }) => ({ alpha, deta, assa })),
  };
}

/** Mean over the matches of the Jaccard index of the two trajectories they belong to. */
function association({ truthFrames, trackFrames }: IndexedFrames, matches: readonly Match[]): number {
  const together = new Map<number, number>();
  const columns = trackFrames.length;
  for (const { object, track } of matches) {
    const pair = object * columns + track;
    together.set(pair, (together.get(pair) ?? 0) + 1);
  }
  let sum = 0;
  for (const [pair, count] of together) {
    const object = truthFrames[Math.floor(pair / columns)] as number;
    const track = trackFrames[pair % columns] as number;
    sum += (count * count) / (object + track - count);
  }
  return matches.length === 0 ? 0 : sum / matches.length;
}

function matchFrames(indexed: IndexedFrames): Match[] {
  const likeness = trajectoryLikeness(indexed);
  const columns = indexed.trackFrames.length;
  return indexed.frames.flatMap(({ truth, tracks, iou }) => {
    if (truth.length === 0 || tracks.length === 0) return [];
    const cost = iou.map((overlap, cell) => {
      const object = truth[Math.floor(cell / tracks.length)] as number;
      const track = tracks[cell % tracks.length] as number;
      return -overlap * (likeness[object * columns + track] as number);
    });
    const matches: Match[] = [];
    assign(cost, truth.length, tracks.length).forEach((j, i) => {
      if (j < 0) return;
      const overlap = iou[i * tracks.length + j] as number;
      if (overlap > 0) matches.push({ object: truth[i] as number, track: tracks[j] as number, iou: overlap });
    });
    return matches;
  });
}

/** How much of two trajectories goes together, 0 … 1: overlaps shared among the boxes of a frame, Jaccard over frames. */
function trajectoryLikeness({ frames, truthFrames, trackFrames }: IndexedFrames): Float64Array {
  const columns = trackFrames.length;
  const together = new Float64Array(truthFrames.length * columns);
  for (const { truth, tracks, iou } of frames) {
    const perTruth = new Float64Array(truth.length);
    const perTrack = new Float64Array(tracks.length);
    iou.forEach((overlap, cell) => {
      const i = Math.floor(cell / tracks.length);
      const j = cell % tracks.length;
      perTruth[i] = (perTruth[i] as number) + overlap;
      perTrack[j] = (perTrack[j] as number) + overlap;
    });
    iou.forEach((overlap, cell) => {
      if (overlap === 0) return;
      const i = Math.floor(cell / tracks.length);
      const j = cell % tracks.length;
      const pair = (truth[i] as number) * columns + (tracks[j] as number);
      const all = (perTruth[i] as number) + (perTrack[j] as number) - overlap;
      together[pair] = (together[pair] as number) + overlap / all;
    });
  }
  return together.map((shared, pair) => {
    const object = truthFrames[Math.floor(pair / columns)] as number;
    const track = trackFrames[pair % columns] as number;
    return shared / (object + track - shared);
  });
}
