/**
 * One movement of the whole picture (shift, turn, zoom) from the shifts of many patches, some of which are of vehicles
 * or mistaken. Weighted least squares, repeated with Cauchy weights; each patch counts along the directions in which
 * its edges hold it. Pure.
 */
import { PATCH_CELLS, type PatchMatch } from './patches.ts';

/** dx = tx + zoom·x − turn·y, dy = ty + turn·x + zoom·y; cells, x and y from the picture's centre. */
export interface Similarity {
  readonly tx: number;
  readonly ty: number;
  readonly zoom: number;
  readonly turn: number;
}

const ROUNDS = 6;
/** Cells: a patch that is off by this much counts half. */
const TOLERANCE = 0.4;
/** Fewer patches say nothing about turn and zoom. */
const LEAST_FOR_TURN = 10;
/** Turn and zoom are taken to be nothing unless the patches say so: standard deviation in radians, and patch weight. */
const TURN_SIGMA = 0.1;

export function fitSimilarity(matches: readonly PatchMatch[], centre: readonly [x: number, y: number]): Similarity {
  let fit: Similarity = {
    tx: median(matches.map((m) => m.dx)),
    ty: median(matches.map((m) => m.dy)),
    zoom: 0,
    turn: 0,
  };
  const mayTurn = matches.length >= LEAST_FOR_TURN;
  for (let round = 0; round < ROUNDS; round++) fit = improve(fit, matches, centre, mayTurn && round > 0);
  return fit;
}

/** How far a patch lies from where the movement would put it, cells. */
export function residual(
  { tx, ty, zoom, turn }: Similarity,
  { patch, dx, dy }: PatchMatch,
  [cx, cy]: readonly [number, number],
): readonly [number, number] {
  const x = patch.x + PATCH_CELLS / 2 - cx;
  const y = patch.y + PATCH_CELLS / 2 - cy;
  return [dx - (tx + zoom * x - turn * y), dy - (ty + turn * x + zoom * y)];
}

function improve(
  fit: Similarity,
  matches: readonly PatchMatch[],
  centre: readonly [number, number],
  mayTurn: boolean,
): Similarity {
  const normal = new Float64Array(16);
  const right = new Float64Array(4);
  for (const match of matches) {
    const { patch, dx, dy, score, curvature } = match;
    const [rx, ry] = residual(fit, match, centre);
    const weight = score / (1 + (rx * rx + ry * ry) / TOLERANCE ** 2);
    const [axx, axy, ayy] = curvature;
    const x = patch.x + PATCH_CELLS / 2 - centre[0];
    const y = patch.y + PATCH_CELLS / 2 - centre[1];
    const rowX = [1, 0, x, -y];
    const rowY = [0, 1, y, x];
    for (let i = 0; i < 4; i++) {
      const u = rowX[i] as number;
      const v = rowY[i] as number;
      const wx = weight * (u * axx + v * axy);
      const wy = weight * (u * axy + v * ayy);
      for (let j = 0; j < 4; j++) {
        normal[i * 4 + j] = (normal[i * 4 + j] as number) + wx * (rowX[j] as number) + wy * (rowY[j] as number);
      }
      right[i] = (right[i] as number) + wx * dx + wy * dy;
    }
  }
  return solve(normal, right, mayTurn);
}

function solve(normal: Float64Array, right: Float64Array, mayTurn: boolean): Similarity {
  const prior = mayTurn ? 1 / TURN_SIGMA ** 2 : 1e12;
  const m = Array.from({ length: 4 }, (_, i) => [...normal.subarray(i * 4, i * 4 + 4), right[i] as number]);
  for (let i = 0; i < 4; i++) {
    const row = m[i] as number[];
    // A little keeps a picture with edges of one direction only from flying off along them.
    row[i] = (row[i] as number) + (i < 2 ? 1e-3 : prior);
  }
  for (let i = 0; i < 4; i++) {
    const pivot = m[i] as number[];
    for (let k = i + 1; k < 4; k++) {
      const row = m[k] as number[];
      const factor = (row[i] as number) / (pivot[i] as number);
      for (let j = i; j < 5; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  const solution = [0, 0, 0, 0];
  for (let i = 3; i >= 0; i--) {
    const row = m[i] as number[];
    let value = row[4] as number;
    for (let j = i + 1; j < 4; j++) value -= (row[j] as number) * (solution[j] as number);
    solution[i] = value / (row[i] as number);
  }
  const [tx = 0, ty = 0, zoom = 0, turn = 0] = solution;
  return { tx, ty, zoom, turn };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  if (sorted.length % 2 === 1) return sorted[half] as number;
  return ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}
