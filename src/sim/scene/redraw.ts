/**
 * Which part of the picture must be drawn again: the camera stands still, so only bodies that changed, with all the
 * shadow they throw, now and in the last picture. Pure: rectangles in pixels, y downwards. Called by the stage.
 */
import type { BodyState, Vec3 } from '../scenario.ts';
import { CONTACT_SHADOW } from './contact-shadow.ts';

export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Place in the picture, or null behind the camera. */
export type Project = (point: Vec3) => readonly [x: number, y: number] | null;

/** Mirrors, curved roofs and the blur of shadows reach this far beyond the body's measures, metres. */
const AROUND_M = 0.35;
/** The shine around a lamp. */
const HALO_M = 0.6;
/** Smoothed edges, pixels. */
const EDGE_PX = 3;

/**
 * World points whose hull holds the body, its contact shadow and its sun shadow: the shadow of a point lies between it
 * and where the ray meets the ground, wherever something else is in the way.
 */
export function reachOf(body: BodyState, sunFrom: Vec3): Vec3[] {
  const around = body.headlights ? HALO_M : AROUND_M;
  const [cos, sin] = [Math.cos(body.heading), Math.sin(body.heading)];
  const place = (x: number, y: number, z: number): Vec3 => [
    body.center[0] + x * cos + z * sin,
    y,
    body.center[1] - x * sin + z * cos,
  ];
  const points: Vec3[] = [];
  const [halfL, halfW] = [body.lengthM / 2, body.widthM / 2];
  const ground = -0.05;
  for (const x of [-1, 1]) {
    for (const z of [-1, 1]) {
      points.push(place(x * halfL * CONTACT_SHADOW.spreadX, 0, z * halfW * CONTACT_SHADOW.spreadZ));
      for (const y of [ground, body.heightM + around]) {
        const corner = place(x * (halfL + around), y, z * (halfW + around));
        const fall = (y - ground) / sunFrom[1];
        points.push(corner, [corner[0] - sunFrom[0] * fall, ground, corner[2] - sunFrom[2] * fall]);
      }
    }
  }
  return points;
}

/** @returns the points' rectangle in the picture, null outside of it, all of it when some lie behind the camera */
export function boundsOf(points: readonly Vec3[], project: Project, width: number, height: number): Rect | null {
  const seen = points.map(project);
  if (seen.every((place) => place === null)) return null;
  const full: Rect = { x0: 0, y0: 0, x1: width, y1: height };
  let [x0, y0, x1, y1] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1];
  for (const place of seen) {
    if (place === null) return full;
    x0 = Math.min(x0, place[0]);
    y0 = Math.min(y0, place[1]);
    x1 = Math.max(x1, place[0]);
    y1 = Math.max(y1, place[1]);
  }
  const rect = {
    x0: Math.max(0, Math.floor(x0) - EDGE_PX),
    y0: Math.max(0, Math.floor(y0) - EDGE_PX),
    x1: Math.min(width, Math.ceil(x1) + EDGE_PX),
    y1: Math.min(height, Math.ceil(y1) + EDGE_PX),
  };
  return rect.x0 < rect.x1 && rect.y0 < rect.y1 ? rect : null;
}

/** Rectangles that overlap, or that cost little more together than apart, become one: every one is a pass of its own. */
export function mergeRects(rects: readonly Rect[]): Rect[] {
  const merged: Rect[] = [];
  for (const rect of rects) {
    let grown = rect;
    for (let i = 0; i < merged.length; ) {
      const other = merged[i];
      const both = other && around(grown, other);
      if (both && areaOf(both) <= 1.25 * (areaOf(grown) + areaOf(other))) {
        grown = both;
        merged.splice(i, 1);
        i = 0;
      } else {
        i++;
      }
    }
    merged.push(grown);
  }
  return merged;
}

function around(a: Rect, b: Rect): Rect {
  return {
    x0: Math.min(a.x0, b.x0),
    y0: Math.min(a.y0, b.y0),
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
  };
}

export function areaOf({ x0, y0, x1, y1 }: Rect): number {
  return (x1 - x0) * (y1 - y0);
}

/** Everything of a body that can be seen; two equal keys give the same picture of it. */
export function appearanceOf(body: BodyState): string {
  const { id, center, heading, front, braking, headlights } = body;
  return [id, center[0], center[1], heading, front, braking, headlights].join();
}
