/** The truth at any moment: between two frames of the truth file boxes are taken on a straight line. Pure. */
import type { Box } from '../../domain/types.ts';
import type { Truth, TruthBody, TruthFrame } from '../truth-file.ts';

/** Frames further apart than this are not bridged. */
const LARGEST_GAP_S = 0.5;

/** @param tS seconds since the clip's second 0; wraps when the clip loops. null outside of the clip. */
export function truthAt({ header, frames }: Truth, tS: number): readonly TruthBody[] | null {
  const { loop, duration_s } = header;
  const t = loop ? tS - Math.floor(tS / duration_s) * duration_s : tS;
  const first = frames[0];
  const last = frames.at(-1);
  if (!first || !last) return null;
  let lo = 0;
  let hi = frames.length - 1;
  while (lo < hi) {
    const middle = (lo + hi + 1) >> 1;
    if ((frames[middle] as TruthFrame).t <= t) lo = middle;
    else hi = middle - 1;
  }
  const before = frames[lo] as TruthFrame;
  const isLast = lo === frames.length - 1;
  const after = isLast ? (loop ? { ...first, t: first.t + duration_s } : null) : (frames[lo + 1] as TruthFrame);
  const step = 1 / header.fps;
  if (t < before.t - step || (!after && t > before.t + step)) return null;
  if (!after || t <= before.t + 1e-6) return before.bodies;
  const share = (t - before.t) / (after.t - before.t);
  if (after.t - before.t > LARGEST_GAP_S) return share < 0.5 ? before.bodies : after.bodies;
  const bodies: TruthBody[] = [];
  for (const a of before.bodies) {
    const b = after.bodies.find(({ id }) => id === a.id);
    bodies.push(b ? between(a, b, share) : a);
  }
  return bodies;
}

function between(a: TruthBody, b: TruthBody, share: number): TruthBody {
  const mix = (p: number, q: number) => p + share * (q - p);
  const both = (p: readonly [number, number], q: readonly [number, number]) =>
    [mix(p[0], q[0]), mix(p[1], q[1])] as const;
  return {
    ...a,
    ground: both(a.ground, b.ground),
    speed: mix(a.speed, b.speed),
    box: a.box.map((v, i) => mix(v, b.box[i] as number)) as unknown as Box,
    inside: Math.min(a.inside, b.inside),
    occluded: Math.max(a.occluded, b.occluded),
    contact: both(a.contact, b.contact),
    middle: both(a.middle, b.middle),
  };
}

export function iou(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both);
}
