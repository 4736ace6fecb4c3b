/**
 * Whether a box that nobody claims is a moving object that was lost some time ago: it is about as large, and lies where
 * the motion would have brought it, give or take what brakes and bends can do in that time. Pure; stopsign-tracker.ts.
 */
import type { Box } from '../types.ts';
import type { FollowedTrack } from './followed-track.ts';

/** Distances are shares of the box's mean side: at once, and growing with the way that it went meanwhile. */
const NEAR = 0.5;
const WAY_SHARE = 0.35;
const LEAST_SIZE_RATIO = 0.55;

/** 0 = exactly there … 1 = at the edge of what is possible; above 1: another object. */
export function stitchCost(track: FollowedTrack, box: Box, time: number): number {
  const there = track.carriedOn(time);
  if (!there) return 2;
  const last = track.box;
  const side = Math.sqrt((last[2] - last[0]) * (last[3] - last[1]));
  const size = Math.sqrt((box[2] - box[0]) * (box[3] - box[1]));
  const ratio = Math.min(side, size) / Math.max(side, size);
  if (ratio < LEAST_SIZE_RATIO) return 2;
  const way = distance(there, last);
  const off = distance(there, box);
  const allowed = NEAR * Math.max(side, size) + WAY_SHARE * way;
  return off / allowed + (1 - ratio) / 2;
}

/** Between the middles of the lower edges. */
function distance(a: Box, b: Box): number {
  return Math.hypot((a[0] + a[2] - b[0] - b[2]) / 2, a[3] - b[3]);
}
