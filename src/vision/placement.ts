/** Where the picture lies inside the model's input, and the way back from model pixels to source pixels. */
import type { Box } from '../domain/types.ts';
import { type InputSize, LAYOUTS, type ModelInput } from './model-input.ts';

export interface Placement {
  /** The picture's rectangle within the input, whole model pixels. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly source: InputSize;
}

export function placePicture(source: InputSize, input: ModelInput): Placement {
  const { fit } = LAYOUTS[input.layout];
  if (fit === 'stretched') return { left: 0, top: 0, width: input.width, height: input.height, source };
  const ratio = Math.min(input.width / source.width, input.height / source.height);
  const width = Math.min(input.width, Math.max(1, Math.round(source.width * ratio)));
  const height = Math.min(input.height, Math.max(1, Math.round(source.height * ratio)));
  const left = fit === 'centred' ? Math.floor((input.width - width) / 2) : 0;
  const top = fit === 'centred' ? Math.floor((input.height - height) / 2) : 0;
  return { left, top, width, height, source };
}

/** Model pixels → source pixels, clipped to the picture. Both axes use their own exact ratio, rounding included. */
export function toSource(box: Box, at: Placement): Box {
  const { source } = at;
  const x = (value: number): number => clip(((value - at.left) * source.width) / at.width, source.width);
  const y = (value: number): number => clip(((value - at.top) * source.height) / at.height, source.height);
  return [x(box[0]), y(box[1]), x(box[2]), y(box[3])];
}

function clip(value: number, limit: number): number {
  return Math.min(Math.max(value, 0), limit);
}
