/**
 * Where a picture has edges and which way they run, without how strong they are or which side is the lighter: that is
 * what stays when day becomes night and a lamp goes on. Each cell has the doubled angle of its gradient as a complex
 * number of length 0 (flat) to nearly 1 (an edge), so that opposite gradients are the same edge (structure tensor of
 * Bigün and Granlund, 1987, normalised against noise).
 */
import type { LumaGrid } from './luma-grid.ts';

export interface EdgeMap {
  readonly cols: number;
  readonly rows: number;
  readonly re: Float32Array;
  readonly im: Float32Array;
}

/** A gradient of this many grey levels a cell counts half. Noise of a dark picture stays below, averaged as it is. */
const HALF_GRADIENT = 2;

export function edgeMap({ cols, rows, cells: sharp }: LumaGrid): EdgeMap {
  // Edges narrower than a cell would hide by how much less than a cell they moved.
  const cells = blurred(sharp, cols, rows);
  const re = new Float32Array(cols * rows);
  const im = new Float32Array(cols * rows);
  for (let row = 2; row < rows - 2; row++) {
    for (let col = 2; col < cols - 2; col++) {
      const i = row * cols + col;
      const gx = ((cells[i + 1] as number) - (cells[i - 1] as number)) / 2;
      const gy = ((cells[i + cols] as number) - (cells[i - cols] as number)) / 2;
      const scale = 1 / (gx * gx + gy * gy + HALF_GRADIENT * HALF_GRADIENT);
      re[i] = (gx * gx - gy * gy) * scale;
      im[i] = 2 * gx * gy * scale;
    }
  }
  return { cols, rows, re, im };
}

function blurred(cells: Float32Array, cols: number, rows: number): Float32Array {
  const lines = new Float32Array(cells);
  for (let i = 1; i < cells.length - 1; i++) {
    lines[i] = ((cells[i - 1] as number) + 2 * (cells[i] as number) + (cells[i + 1] as number)) / 4;
  }
  const both = new Float32Array(lines);
  for (let i = cols; i < cols * (rows - 1); i++) {
    both[i] = ((lines[i - cols] as number) + 2 * (lines[i] as number) + (lines[i + cols] as number)) / 4;
  }
  return both;
}

/** Sums of |edge|² over every rectangle from the origin: (cols + 1) × (rows + 1). */
export function energySums({ cols, rows, re, im }: EdgeMap): Float64Array {
  const sums = new Float64Array((cols + 1) * (rows + 1));
  for (let row = 0; row < rows; row++) {
    let line = 0;
    for (let col = 0; col < cols; col++) {
      const i = row * cols + col;
      line += (re[i] as number) ** 2 + (im[i] as number) ** 2;
      sums[(row + 1) * (cols + 1) + col + 1] = (sums[row * (cols + 1) + col + 1] as number) + line;
    }
  }
  return sums;
}

/** Of a square whose corner is (x, y). */
export function energyIn(sums: Float64Array, cols: number, x: number, y: number, size: number): number {
  const top = y * (cols + 1) + x;
  const bottom = (y + size) * (cols + 1) + x;
  return (
    (sums[bottom + size] as number) - (sums[bottom] as number) - (sums[top + size] as number) + (sums[top] as number)
  );
}

/** Half the size, by averaging. */
export function halved({ cols, rows, re, im }: EdgeMap): EdgeMap {
  const w = cols >> 1;
  const h = rows >> 1;
  const pool = (from: Float32Array): Float32Array => {
    const to = new Float32Array(w * h);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const i = 2 * y * cols + 2 * x;
        const pair = (from[i] as number) + (from[i + 1] as number);
        to[y * w + x] = (pair + (from[i + cols] as number) + (from[i + cols + 1] as number)) / 4;
      }
    }
    return to;
  };
  return { cols: w, rows: h, re: pool(re), im: pool(im) };
}
