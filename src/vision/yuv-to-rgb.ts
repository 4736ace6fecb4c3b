/**
 * YUV → RGB as lookup tables, one set per matrix, range and scale. Formulas and constants: ITU-R BT.601-7 and BT.709-6;
 * limited range puts black at 16, white at 235 and chroma in 16–240 around 128.
 *
 * The matrix is chosen by the picture's size, as players do when the stream does not say: BT.709 from 1280 wide or
 * taller than 576 lines, else BT.601.
 */
import type { InputSize } from './model-input.ts';

export interface RgbTables {
  /** luma · gain + offset, then add the chroma terms and clamp to 0 … white. */
  readonly gain: number;
  readonly offset: number;
  readonly redOfV: Float64Array;
  readonly greenOfU: Float64Array;
  readonly greenOfV: Float64Array;
  readonly blueOfU: Float64Array;
}

export type YuvMatrix = 'bt601' | 'bt709';

const WEIGHTS: Readonly<Record<YuvMatrix, { readonly kr: number; readonly kb: number }>> = {
  bt601: { kr: 0.299, kb: 0.114 },
  bt709: { kr: 0.2126, kb: 0.0722 },
};

export function matrixFor(size: InputSize): YuvMatrix {
  return size.width >= 1280 || size.height > 576 ? 'bt709' : 'bt601';
}

/** @param white what full intensity becomes, 255 or 1 */
export function rgbTables(matrix: YuvMatrix, fullRange: boolean, white: number): RgbTables {
  const { kr, kb } = WEIGHTS[matrix];
  const kg = 1 - kr - kb;
  const scale = white / 255;
  const gain = (fullRange ? 1 : 255 / 219) * scale;
  const chroma = (fullRange ? 1 : 255 / 224) * scale;
  const table = (factor: number): Float64Array => Float64Array.from({ length: 256 }, (_, i) => (i - 128) * factor);
  return {
    gain,
    offset: fullRange ? 0 : -16 * gain,
    redOfV: table(2 * (1 - kr) * chroma),
    greenOfU: table((-2 * (1 - kb) * kb * chroma) / kg),
    greenOfV: table((-2 * (1 - kr) * kr * chroma) / kg),
    blueOfU: table(2 * (1 - kb) * chroma),
  };
}
