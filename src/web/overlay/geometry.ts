/** Where the picture lies inside its element, and where labels find room. Pure; used by painter.ts. */
import type { Box } from '../../domain/types.ts';

export interface Size {
  readonly w: number;
  readonly h: number;
}
/** Maps metadata pixels to CSS pixels of the element: x · sx + left, y · sy + top. */
export interface Fit {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly sx: number;
  readonly sy: number;
}
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/**
 * `object-fit: contain`: the picture keeps its shape and is centred. Boxes are in pixels of `scaled`, which has the
 * picture's shape but not its size.
 */
export function containFit(element: Size, picture: Size, scaled: Size): Fit | null {
  if (!(element.w > 0 && element.h > 0 && picture.w > 0 && picture.h > 0 && scaled.w > 0 && scaled.h > 0)) return null;
  const scale = Math.min(element.w / picture.w, element.h / picture.h);
  const width = picture.w * scale;
  const height = picture.h * scale;
  return {
    left: (element.w - width) / 2,
    top: (element.h - height) / 2,
    width,
    height,
    sx: width / scaled.w,
    sy: height / scaled.h,
  };
}

export function boxToRect([x1, y1, x2, y2]: Box, fit: Fit): Rect {
  return { x: x1 * fit.sx + fit.left, y: y1 * fit.sy + fit.top, w: (x2 - x1) * fit.sx, h: (y2 - y1) * fit.sy };
}

export function pointToElement([x, y]: readonly [number, number], fit: Fit): [number, number] {
  return [x * fit.sx + fit.left, y * fit.sy + fit.top];
}

/** A label sits above its box, inside the picture, and moves up out of the way of the ones placed before it. */
export function placeLabel(box: Rect, label: Size, bounds: Rect, taken: readonly Rect[], gap = 4): Rect {
  const right = bounds.x + bounds.w;
  const x = Math.max(bounds.x, Math.min(box.x, right - label.w));
  const above = box.y - label.h - gap;
  let y = above >= bounds.y ? above : Math.min(box.y + gap, bounds.y + bounds.h - label.h);
  for (let tries = 0; tries < 4; tries++) {
    const hit = taken.find((other) => overlaps({ x, y, ...label }, other));
    if (!hit) break;
    const higher = hit.y - label.h - 2;
    y = higher >= bounds.y ? higher : hit.y + hit.h + 2;
  }
  return { x, y, ...label };
}

export function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
