/** A box as a decoder gives it: model pixels, before suppression. Pure. */
import type { Box } from '../domain/types.ts';

export interface Candidate {
  /** Model pixels. */
  readonly box: Box;
  /** 0 … 1 */
  readonly score: number;
  /** Index into the model's classes. */
  readonly classIndex: number;
}

/** One output of a model run. */
export interface OutputTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface DecodeOptions {
  readonly inputWidth: number;
  readonly inputHeight: number;
  /** Candidates below are not made. */
  readonly minScore: number;
  /** The class indexes looked for; an object counts as the best of these. */
  readonly wanted: readonly number[];
}

/** Intersection over union, 0 … 1; 0 when either box is empty. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (!(width > 0 && height > 0)) return 0;
  const shared = width * height;
  return shared / (area(a) + area(b) - shared);
}

function area(box: Box): number {
  return Math.max(0, box[2] - box[0]) * Math.max(0, box[3] - box[1]);
}
