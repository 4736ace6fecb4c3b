/** Pictures for the view watch: one real frame of the demo clip, and what a camera, the weather and people can do to it. */
import { join } from 'node:path';
import type { LumaPlane } from '../../src/domain/view-watch/luma-grid.ts';
import { seededRandom } from '../../src/sim/random.ts';
import { yuvFrames } from '../integration/models/yuv-frames.ts';
import { projectRoot } from './shared.ts';

/** 1280 × 720. */
export async function demoPicture(): Promise<LumaPlane> {
  const [picture] = await yuvFrames(join(projectRoot(), 'demo/demo.mp4'), {
    width: 1280,
    height: 720,
    first: 0,
    last: 0,
  });
  if (!picture) throw new Error('the demo clip has no frame');
  return { width: 1280, height: 720, y: Uint8Array.from(picture.y) };
}

/** Half the size: the same view from a cheaper camera, and quicker to work with. */
export function half({ width, height, y }: LumaPlane): LumaPlane {
  const w = width >> 1;
  const h = height >> 1;
  const small = new Uint8Array(w * h);
  for (let row = 0; row < h; row++) {
    for (let col = 0; col < w; col++) {
      const i = 2 * row * width + 2 * col;
      small[row * w + col] = ((y[i] ?? 0) + (y[i + 1] ?? 0) + (y[i + width] ?? 0) + (y[i + width + 1] ?? 0)) >> 2;
    }
  }
  return { width: w, height: h, y: small };
}

/** Every pixel anew from its place and old value. */
export function redrawn(picture: LumaPlane, value: (old: number, x: number, y: number) => number): LumaPlane {
  const { width, height } = picture;
  const y = new Uint8ClampedArray(width * height);
  for (let i = 0; i < y.length; i++) y[i] = value(picture.y[i] as number, i % width, Math.floor(i / width));
  return { width, height, y: new Uint8Array(y.buffer) };
}

export interface Motion {
  readonly dx?: number;
  readonly dy?: number;
  readonly turnDeg?: number;
  readonly zoom?: number;
}

/** The camera turned: what was at the middle is now at (dx, dy) from it. What comes into view repeats the rim. */
export function moved(picture: LumaPlane, { dx = 0, dy = 0, turnDeg = 0, zoom = 1 }: Motion): LumaPlane {
  const { width, height, y: from } = picture;
  const cos = Math.cos((turnDeg * Math.PI) / 180) / zoom;
  const sin = Math.sin((turnDeg * Math.PI) / 180) / zoom;
  const within = (v: number, size: number): number => Math.max(0, Math.min(size - 1.001, v));
  return redrawn(picture, (_, col, row) => {
    const x = col - dx - width / 2;
    const y = row - dy - height / 2;
    const sx = within(width / 2 + cos * x + sin * y, width);
    const sy = within(height / 2 - sin * x + cos * y, height);
    const i = Math.floor(sy) * width + Math.floor(sx);
    const fx = sx - Math.floor(sx);
    const fy = sy - Math.floor(sy);
    const top = (from[i] as number) * (1 - fx) + (from[i + 1] as number) * fx;
    const bottom = (from[i + width] as number) * (1 - fx) + (from[i + width + 1] as number) * fx;
    return top * (1 - fy) + bottom * fy;
  });
}

/** Noise of a sensor, standard deviation in grey levels. */
export function noisy(picture: LumaPlane, sigma: number, seed: number): LumaPlane {
  const random = seededRandom(seed, 'noise');
  const table = Float32Array.from({ length: 65_536 }, () => random.normal() * sigma);
  let state = seed | 1;
  return redrawn(picture, (old) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return old + (table[state >>> 16] as number);
  });
}

/** Light: 1 leaves it, less is darker, with the contrast that goes. */
export function lit(picture: LumaPlane, gain: number, offset = 0): LumaPlane {
  return redrawn(picture, (old) => 16 + (old - 16) * gain + offset);
}

/** A rectangle in shares of the picture, of one grey with a darker band like windows. */
export function pasted(picture: LumaPlane, x1: number, y1: number, x2: number, y2: number, grey: number): LumaPlane {
  const { width, height } = picture;
  return redrawn(picture, (old, x, y) => {
    const u = (x / width - x1) / (x2 - x1);
    const v = (y / height - y1) / (y2 - y1);
    if (u < 0 || u > 1 || v < 0 || v > 1) return old;
    return v > 0.15 && v < 0.4 && u > 0.1 && u < 0.9 ? grey * 0.4 : grey;
  });
}
