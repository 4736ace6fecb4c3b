/** What is a part of a vehicle that is followed already, and how much of a box others cover. Pure; for stopsign-tracker.ts. */
import type { Box } from '../types.ts';
import type { FollowedTrack } from './followed-track.ts';

/** Shares of a new box inside another, or on the places of standing vehicles, that make it a part of them. */
const INSIDE = 0.9;
const TAKEN = 0.7;
/** What is smaller than this share of the other is no part of it, but something in front of it. */
const LEAST_PART = 0.15;

/**
 * A vehicle half hidden behind a branch or a pole is read in parts and as a whole by turns. Where vehicles stand, or
 * inside a box that is taken already, no other begins.
 */
export function isPart(box: Box, known: readonly FollowedTrack[], seen: readonly FollowedTrack[]): boolean {
  const coveredBy = (whole: Box) => (areaOf(box) < LEAST_PART * areaOf(whole) ? 0 : coveredShare(box, whole));
  if (seen.some((track) => coveredBy(track.box) > INSIDE)) return true;
  const standing = known.reduce((sum, { place }) => (place ? sum + coveredBy(place) : sum), 0);
  return standing > TAKEN;
}

function areaOf([x1, y1, x2, y2]: Box): number {
  return (x2 - x1) * (y2 - y1);
}

/** Of the first box, 0 … 1. */
export function coveredShare(box: Box, by: Box): number {
  const width = Math.min(box[2], by[2]) - Math.max(box[0], by[0]);
  const height = Math.min(box[3], by[3]) - Math.max(box[1], by[1]);
  return width <= 0 || height <= 0 ? 0 : (width * height) / ((box[2] - box[0]) * (box[3] - box[1]));
}
