/**
 * Small squares of the reference that have edges, and where each of them lies in a later picture. A patch is compared by
 * its normalised correlation, at every whole-cell shift around an expected one, and refined by a parabola.
 */
import { type EdgeMap, energyIn } from './edge-map.ts';

export const PATCH_CELLS = 10;
const LATTICE_CELLS = 8;
const MOST_PATCHES = 60;
/** Mean |edge|² of a patch below which it has nothing to hold on to. */
const LEAST_ENERGY = 0.06 * PATCH_CELLS * PATCH_CELLS;

export interface Patch {
  /** Upper left cell. */
  readonly x: number;
  readonly y: number;
  /** Sum of |edge|². */
  readonly energy: number;
}

/** Where a patch was found. Shifts are in cells. */
export interface PatchMatch {
  readonly patch: Patch;
  readonly dx: number;
  readonly dy: number;
  /** Normalised correlation at the best place, −1 … 1. */
  readonly score: number;
  /** Minus the second derivatives of the correlation there: how well the place is known along each axis. */
  readonly curvature: readonly [xx: number, xy: number, yy: number];
}

/** The patches with most edges on a lattice over the whole picture. */
export function choosePatches(cols: number, rows: number, sums: Float64Array): Patch[] {
  const patches: Patch[] = [];
  for (let y = 1; y + PATCH_CELLS < rows; y += LATTICE_CELLS) {
    for (let x = 1; x + PATCH_CELLS < cols; x += LATTICE_CELLS) {
      const energy = energyIn(sums, cols, x, y, PATCH_CELLS);
      if (energy >= LEAST_ENERGY) patches.push({ x, y, energy });
    }
  }
  return patches.sort((a, b) => b.energy - a.energy).slice(0, MOST_PATCHES);
}

/** Null when the shifted patch lies outside the picture. `reach` is at most 4. */
export function matchPatch(
  reference: EdgeMap,
  look: EdgeMap,
  lookSums: Float64Array,
  patch: Patch,
  around: readonly [dx: number, dy: number],
  reach: number,
): PatchMatch | null {
  const { cols, rows } = look;
  const left = patch.x + around[0] - reach;
  const top = patch.y + around[1] - reach;
  const span = 2 * reach;
  if (left < 0 || top < 0 || left + span + PATCH_CELLS > cols || top + span + PATCH_CELLS > rows) return null;
  const side = span + 1;
  let best = 0;
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const energy = energyIn(lookSums, cols, left + i, top + j, PATCH_CELLS);
      const score = correlate(reference, look, patch, left + i, top + j) / Math.sqrt(patch.energy * energy + 1);
      scores[j * side + i] = score;
      if (score > (scores[best] as number)) best = j * side + i;
    }
  }
  return refine(patch, best, side, left - patch.x, top - patch.y);
}

const scores = new Float64Array(81);

function correlate(reference: EdgeMap, look: EdgeMap, patch: Patch, x: number, y: number): number {
  const { cols, re, im } = reference;
  const { re: lookRe, im: lookIm } = look;
  let sum = 0;
  for (let row = 0; row < PATCH_CELLS; row++) {
    let a = (patch.y + row) * cols + patch.x;
    let b = (y + row) * cols + x;
    for (let col = 0; col < PATCH_CELLS; col++, a++, b++) {
      sum += (re[a] as number) * (lookRe[b] as number) + (im[a] as number) * (lookIm[b] as number);
    }
  }
  return sum;
}

function refine(patch: Patch, best: number, side: number, dx0: number, dy0: number): PatchMatch {
  const i = best % side;
  const j = Math.floor(best / side);
  const s = (di: number, dj: number): number => scores[(j + dj) * side + i + di] as number;
  const score = s(0, 0);
  const unknown = { patch, dx: dx0 + i, dy: dy0 + j, score, curvature: [0, 0, 0] as const };
  // At the rim of the search the true place may lie outside.
  if (i === 0 || j === 0 || i === side - 1 || j === side - 1) return { ...unknown, score: 0 };
  const xx = 2 * score - s(1, 0) - s(-1, 0);
  const yy = 2 * score - s(0, 1) - s(0, -1);
  const xy = -(s(1, 1) - s(1, -1) - s(-1, 1) + s(-1, -1)) / 4;
  const gx = (s(1, 0) - s(-1, 0)) / 2;
  const gy = (s(0, 1) - s(0, -1)) / 2;
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 1e-9)) return { ...unknown, curvature: [Math.max(0, xx), 0, Math.max(0, yy)] };
  const within = (v: number): number => Math.max(-1, Math.min(1, v));
  return {
    ...unknown,
    dx: unknown.dx + within((gx * yy - gy * xy) / determinant),
    dy: unknown.dy + within((gy * xx - gx * xy) / determinant),
    curvature: [xx, xy, yy],
  };
}
