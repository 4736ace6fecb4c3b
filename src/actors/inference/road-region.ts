/**
 * Where in the picture something has to move before a vehicle can be judged: cells of a grid around approach, stop line
 * and zone. Pure; used by the motion gate. Vehicles stand upright on the ground that the site's points lie on, so the
 * margin is wide.
 */
import type { Detection } from '../../domain/types.ts';

export const COLUMNS = 160;
export const ROWS = 90;
/** Of the picture's width, on every side. */
const MARGIN = 0.12;

type ImagePoint = readonly [number, number];

/** The site's own points, in pixels of `image`. */
export interface RoadPoints {
  readonly image: { readonly width: number; readonly height: number };
  readonly stop_line: readonly [ImagePoint, ImagePoint];
  readonly approach: readonly [ImagePoint, ImagePoint];
  readonly stop_zone: readonly ImagePoint[];
}

export class RoadRegion {
  /** Indexes (row · COLUMNS + column) of the cells that belong to it, ascending. */
  readonly cells: Int32Array;
  private readonly isInside: Uint8Array;

  constructor({ image, stop_line, approach, stop_zone }: RoadPoints) {
    const outline = stop_zone.map((point, i) => [point, stop_zone[(i + 1) % stop_zone.length] ?? point] as const);
    const segments = [stop_line, approach, ...outline];
    const reach = MARGIN * image.width;
    this.isInside = new Uint8Array(COLUMNS * ROWS);
    for (let cell = 0; cell < this.isInside.length; cell += 1) {
      const x = (((cell % COLUMNS) + 0.5) * image.width) / COLUMNS;
      const y = ((Math.floor(cell / COLUMNS) + 0.5) * image.height) / ROWS;
      const isNear = segments.some(([a, b]) => distance([x, y], a, b) <= reach);
      if (isNear || contains(stop_zone, [x, y])) this.isInside[cell] = 1;
    }
    this.cells = Int32Array.from([...this.isInside.keys()].filter((cell) => this.isInside[cell] === 1));
  }

  /** Whether a box lies on it, if only in part. @param width of the picture that the box is measured in, pixels */
  touches({ bbox: [x1, y1, x2, y2] }: Pick<Detection, 'bbox'>, width: number, height: number): boolean {
    const at = (value: number, size: number, count: number): number =>
      Math.min(count - 1, Math.max(0, Math.floor((value / size) * count)));
    const right = at(x2, width, COLUMNS);
    const bottom = at(y2, height, ROWS);
    for (let row = at(y1, height, ROWS); row <= bottom; row += 1) {
      for (let column = at(x1, width, COLUMNS); column <= right; column += 1) {
        if (this.isInside[row * COLUMNS + column] === 1) return true;
      }
    }
    return false;
  }
}

function distance([x, y]: ImagePoint, [ax, ay]: ImagePoint, [bx, by]: ImagePoint): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length2));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Even-odd rule. */
function contains(polygon: readonly ImagePoint[], [x, y]: ImagePoint): boolean {
  let isInside = false;
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon[(i + polygon.length - 1) % polygon.length] as ImagePoint;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isInside = !isInside;
  });
  return isInside;
}
