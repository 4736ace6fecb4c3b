/**
 * The same picture as the letterbox draws, computed one output value at a time from the definitions (BT.601/709,
 * bilinear luma, nearest chroma) and without any of its tables. Slow on purpose.
 */
import type { YuvPicture } from '../../../src/vision/picture.ts';

export interface ReferenceLayout {
  readonly width: number;
  readonly height: number;
  readonly order: 'rgb' | 'bgr';
  readonly white: number;
  readonly pad: number;
  /** The picture's rectangle. */
  readonly left: number;
  readonly top: number;
  readonly drawnWidth: number;
  readonly drawnHeight: number;
  readonly kr: number;
  readonly kb: number;
}

export function referenceLetterbox(picture: YuvPicture, layout: ReferenceLayout): Float64Array {
  const { width, height, left, top, drawnWidth, drawnHeight } = layout;
  const result = new Float64Array(3 * width * height).fill((layout.pad / 255) * layout.white);
  for (let y = top; y < top + drawnHeight; y += 1) {
    for (let x = left; x < left + drawnWidth; x += 1) {
      const sourceX = limit(((x - left + 0.5) / drawnWidth) * picture.width - 0.5, 0, picture.width - 1);
      const sourceY = limit(((y - top + 0.5) / drawnHeight) * picture.height - 0.5, 0, picture.height - 1);
      const rgb = toRgb(picture, sourceX, sourceY, layout);
      const ordered = layout.order === 'rgb' ? rgb : [...rgb].reverse();
      ordered.forEach((value, plane) => {
        result[plane * width * height + y * width + x] = value * layout.white;
      });
    }
  }
  return result;
}

/** Red, green, blue, 0 … 1. */
function toRgb(picture: YuvPicture, x: number, y: number, layout: ReferenceLayout): number[] {
  const chromaWidth = Math.ceil(picture.width / 2);
  const chromaHeight = Math.ceil(picture.height / 2);
  const column = limit(Math.round(x / 2), 0, chromaWidth - 1);
  const row = limit(Math.round((y - 0.5) / 2), 0, chromaHeight - 1);
  const cb = chroma(picture.u[row * chromaWidth + column] as number, picture.fullRange);
  const cr = chroma(picture.v[row * chromaWidth + column] as number, picture.fullRange);
  const raw = bilinear(picture, x, y);
  const luma = picture.fullRange ? raw / 255 : (raw - 16) / 219;
  const { kr, kb } = layout;
  const red = luma + 2 * (1 - kr) * cr;
  const blue = luma + 2 * (1 - kb) * cb;
  const green = (luma - kr * red - kb * blue) / (1 - kr - kb);
  return [red, green, blue].map((value) => limit(value, 0, 1));
}

/** -0.5 … 0.5 */
function chroma(value: number, fullRange: boolean): number {
  return (value - 128) / (fullRange ? 255 : 224);
}

function bilinear(picture: YuvPicture, x: number, y: number): number {
  let sum = 0;
  for (const row of [Math.floor(y), Math.floor(y) + 1]) {
    for (const column of [Math.floor(x), Math.floor(x) + 1]) {
      const share = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
      const at = Math.min(row, picture.height - 1) * picture.width + Math.min(column, picture.width - 1);
      sum += share * (picture.y[at] as number);
    }
  }
  return sum;
}

function limit(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
