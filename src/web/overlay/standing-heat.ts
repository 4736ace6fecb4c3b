/**
 * Where vehicles stood since the page was opened: seconds by cell of a grid over the picture, under the lower third of
 * each standing box. Pure; fed by overlay.ts, drawn by heat-painter.ts.
 */
import type { TrackView } from '../../domain/types.ts';
import type { Size } from './geometry.ts';

export const HEAT_COLUMNS = 64;
export const HEAT_ROWS = 36;
/** A longer time between two displayed frames is a pause of the picture, not a stand. */
const MOST_STEP_S = 0.5;

export class StandingHeat {
  /** Row by row, seconds. */
  readonly seconds = new Float32Array(HEAT_COLUMNS * HEAT_ROWS);
  private lastUtc: number | null = null;

  /** @param scaled size of the metadata's pixels */
  add(tracks: readonly TrackView[], utc: number, scaled: Size): void {
    const stepS = this.lastUtc === null ? 0 : utc - this.lastUtc;
    this.lastUtc = utc;
    if (!(stepS > 0 && stepS < MOST_STEP_S)) return;
    for (const { bbox, state } of tracks) {
      if (state !== 'stopped') continue;
      const [x1, y1, x2, y2] = bbox;
      const [left, right] = span(x1 / scaled.w, x2 / scaled.w, HEAT_COLUMNS);
      const [top, bottom] = span((y1 + 2 * y2) / 3 / scaled.h, y2 / scaled.h, HEAT_ROWS);
      for (let row = top; row <= bottom; row++) {
        for (let column = left; column <= right; column++) this.warm(row * HEAT_COLUMNS + column, stepS);
      }
    }
  }

  get hottestS(): number {
    return this.seconds.reduce((most, value) => Math.max(most, value), 0);
  }

  private warm(cell: number, stepS: number): void {
    this.seconds[cell] = (this.seconds[cell] ?? 0) + stepS;
  }
}

/** Cells from one share of the picture to another, inside the grid. */
function span(from: number, to: number, cells: number): [number, number] {
  const inside = (share: number) => Math.min(cells - 1, Math.max(0, Math.floor(share * cells)));
  return [inside(from), inside(to)];
}
