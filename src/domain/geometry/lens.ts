/**
 * A lens that bends straight lines, and back: the radial and tangential model of Brown (1966) with the coefficients and
 * the pixel convention of OpenCV's `calibrateCamera`. Pure; called by site-geometry.ts.
 */
import type { LensCalibration } from '../types.ts';
import type { Xy } from './polygon.ts';

const ITERATIONS = 30;
const CLOSE_ENOUGH = 1e-10;

/** From a straight picture to the one that the camera shows. */
export function distort(lens: LensCalibration, [u, v]: Xy): Xy {
  const [dx, dy] = bend(lens, (u - lens.cx) / lens.fx, (v - lens.cy) / lens.fy);
  return [lens.cx + lens.fx * dx, lens.cy + lens.fy * dy];
}

/** From the camera's picture to a straight one, by fixed-point iteration as OpenCV does; null where it does not settle. */
export function undistort(lens: LensCalibration, [u, v]: Xy): Xy | null {
  const [dx, dy] = [(u - lens.cx) / lens.fx, (v - lens.cy) / lens.fy];
  let [x, y] = [dx, dy];
  for (let i = 0; i < ITERATIONS; i++) {
    const [bx, by] = bend(lens, x, y);
    const [ex, ey] = [dx - bx, dy - by];
    x += ex;
    y += ey;
    if (Math.abs(ex) + Math.abs(ey) < CLOSE_ENOUGH) break;
  }
  const [bx, by] = bend(lens, x, y);
  if (!(Math.hypot(bx - dx, by - dy) * lens.fx < 0.1)) return null;
  return [lens.cx + lens.fx * x, lens.cy + lens.fy * y];
}

function bend({ k1, k2, p1, p2 }: LensCalibration, x: number, y: number): Xy {
  const r2 = x * x + y * y;
  const radial = 1 + r2 * (k1 + r2 * k2);
  return [x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y];
}
