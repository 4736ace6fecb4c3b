/**
 * ByteTrack run the way the reference runs it: frame by frame, buffer in frames scaled by the frame rate, and each
 * detection labelled with the track that overlaps it best afterwards. Called by `stopsign track`.
 */
import type { Box } from '../types.ts';
import { assignWithin } from './assignment.ts';
import { filteredBox } from './box-filter.ts';
import { boxIou } from './box-overlap.ts';
import { ByteTracker, REFERENCE_OPTIONS, type ScoredBox } from './byte-tracker.ts';
import type { TimedBoxes } from './follow-boxes.ts';

/** The reference's parameters and defaults. */
export interface ReferenceParameters {
  readonly activation: number;
  readonly lostBuffer: number;
  readonly match: number;
  readonly minimumConsecutive: number;
  readonly frameRate: number;
}

export const REFERENCE_PARAMETERS: ReferenceParameters = {
  activation: 0.25,
  lostBuffer: 30,
  match: 0.8,
  minimumConsecutive: 1,
  frameRate: 30,
};

const LABEL_LIMIT = 0.5;

/** Track ids frame by frame: for each detection its id, or −1. `frames` are all in order, empty ones included. */
export function* referenceTracks(
  frames: Iterable<TimedBoxes>,
  parameters: ReferenceParameters = REFERENCE_PARAMETERS,
): Generator<number[]> {
  const lostBuffer = Math.trunc((parameters.frameRate / 30) * parameters.lostBuffer);
  const tracker = new ByteTracker({
    ...REFERENCE_OPTIONS,
    activation: parameters.activation,
    match: parameters.match,
    minimumConsecutive: parameters.minimumConsecutive,
    lostBuffer,
  });
  let number = 0;
  for (const { boxes: detections } of frames) {
    number++;
    const tracks = tracker.step(detections, number);
    const ids = detections.map(() => -1);
    const boxes = tracks.map((t) => filteredBox(t.filter));
    const { pairs } = assignWithin(
      detections.length,
      tracks.length,
      (i, j) => 1 - boxIou((detections[i] as ScoredBox).bbox, boxes[j] as Box),
      LABEL_LIMIT,
    );
    for (const [i, j] of pairs) ids[i] = tracks[j]?.id ?? -1;
    yield ids;
  }
}
