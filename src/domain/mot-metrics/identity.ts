/**
 * Identity measures (Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking",
 * ECCV workshops 2016): each object is given one track for the whole recording, so that most boxes agree. Pure.
 */
import { assign } from '../tracking/assignment.ts';
import { type IndexedFrames, ROUNDING } from './labelled-frames.ts';

export interface Identity {
  /** 2 · agreeing boxes / (true boxes + track boxes); null when there are neither. */
  readonly idf1: number | null;
  readonly idPrecision: number | null;
  readonly idRecall: number | null;
  /** Boxes that agree, boxes of tracks that do not, true boxes that nothing agrees with. */
  readonly idtp: number;
  readonly idfp: number;
  readonly idfn: number;
}

export function identity(indexed: IndexedFrames, leastIou = 0.5): Identity {
  const { frames, truthFrames, trackFrames, truthBoxes, trackBoxes } = indexed;
  const rows = truthFrames.length;
  const columns = trackFrames.length;
  // Fewest disagreements is most agreements: the number of boxes is what it is.
  const minusTogether = new Float64Array(rows * columns);
  for (const { truth, tracks, iou } of frames) {
    truth.forEach((object, i) => {
      tracks.forEach((track, j) => {
        if ((iou[i * tracks.length + j] as number) < leastIou - ROUNDING) return;
        const cell = object * columns + track;
        minusTogether[cell] = (minusTogether[cell] as number) - 1;
      });
    });
  }
  let idtp = 0;
  if (rows > 0 && columns > 0) {
    assign(minusTogether, rows, columns).forEach((track, object) => {
      if (track >= 0) idtp -= minusTogether[object * columns + track] as number;
    });
  }
  const ratio = (part: number, all: number) => (all === 0 ? null : part / all);
  return {
    idf1: ratio(2 * idtp, truthBoxes + trackBoxes),
    idPrecision: ratio(idtp, trackBoxes),
    idRecall: ratio(idtp, truthBoxes),
    idtp,
    idfp: trackBoxes - idtp,
    idfn: truthBoxes - idtp,
  };
}
