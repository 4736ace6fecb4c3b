/**
 * Whether something moves on the road: luma of a coarse grid against what it was when the road was last known to be
 * empty. Pure; asked by the motion gate for every frame, 0.1 ms.
 *
 * The comparison is with a picture that stays, not with the frame before: what creeps adds up. A change of light over
 * the whole region is taken out; its own noise is part of the measure, so that a dark, noisy picture does not keep the
 * gate open and a clean one shows a dark car on a dark road.
 */
import { COLUMNS, ROWS, type RoadRegion } from './road-region.ts';

/** Luma samples of one cell: side of a square. */
const SAMPLES = 2;
/** Grey levels by which a cell must differ at the least: key pictures differ by less from those before them. */
const LEAST_DIFFERENCE = 8;
/** Times the mean deviation of all cells, if that is more. */
const OVER_NOISE = 6;
/** Cells that must differ: a car of 40 × 25 pixels in 720p covers fifteen. */
const LEAST_CELLS = 10;

export interface LumaPicture {
  readonly width: number;
  readonly height: number;
  /** `width` × `height`, without padding. */
  readonly y: Uint8Array;
}

export class RoadMotion {
  private readonly region: RoadRegion;
  private readonly now: Float32Array;
  private readonly empty: Float32Array;
  private hasReference = false;
  private size = '';

  constructor(region: RoadRegion) {
    this.region = region;
    this.now = new Float32Array(region.cells.length);
    this.empty = new Float32Array(region.cells.length);
  }

  /** True as well while there is nothing to compare with. */
  isMoving(picture: LumaPicture): boolean {
    this.sample(picture, this.now);
    return !this.hasReference || differingCells(this.now, this.empty) >= LEAST_CELLS;
  }

  /** This picture shows an empty road. */
  keep(picture: LumaPicture): void {
    this.sample(picture, this.empty);
    this.hasReference = true;
  }

  private sample({ width, height, y }: LumaPicture, into: Float32Array): void {
    const size = `${width}×${height}`;
    if (size !== this.size) this.hasReference = false;
    this.size = size;
    const { cells } = this.region;
    const [cellWidth, cellHeight] = [width / COLUMNS, height / ROWS];
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i] as number;
      const left = (cell % COLUMNS) * cellWidth;
      const top = Math.floor(cell / COLUMNS) * cellHeight;
      let sum = 0;
      for (let row = 0; row < SAMPLES; row += 1) {
        const line = Math.floor(top + ((row + 0.5) * cellHeight) / SAMPLES) * width;
        for (let column = 0; column < SAMPLES; column += 1) {
          sum += y[line + Math.floor(left + ((column + 0.5) * cellWidth) / SAMPLES)] as number;
        }
      }
      into[i] = sum / (SAMPLES * SAMPLES);
    }
  }
}

function differingCells(now: Float32Array, empty: Float32Array): number {
  let shift = 0;
  for (let i = 0; i < now.length; i += 1) shift += (now[i] as number) - (empty[i] as number);
  shift /= now.length;
  let noise = 0;
  for (let i = 0; i < now.length; i += 1) noise += Math.abs((now[i] as number) - (empty[i] as number) - shift);
  const limit = Math.max(LEAST_DIFFERENCE, OVER_NOISE * (noise / now.length));
  let count = 0;
  for (let i = 0; i < now.length; i += 1) {
    if (Math.abs((now[i] as number) - (empty[i] as number) - shift) > limit) count += 1;
  }
  return count;
}
