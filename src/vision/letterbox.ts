/**
 * YUV 4:2:0 → the model's own float32 input [3, height, width], in one pass over the output: scaling, colour, channel
 * order and padding at once. Inference thread. onnxruntime refuses shared memory, so `data` is private to the room and
 * written anew for every frame.
 *
 * Luma is sampled bilinearly with pixel centres at half coordinates (as the detectors were trained with), chroma takes
 * its nearest sample (H.264 siting: horizontally on even luma columns, vertically between two rows).
 */
import { StopsignError } from '../errors.ts';
import { LAYOUTS, type ModelInput } from './model-input.ts';
import type { YuvPicture } from './picture.ts';
import { type Placement, placePicture } from './placement.ts';
import { matrixFor, type RgbTables, rgbTables } from './yuv-to-rgb.ts';

/** Cameras differ in size; more sizes than this at once are not expected, older tables are made again. */
const MAX_PLANS = 16;

/** Per output column or row: the two luma samples around it, the weight of the second, and the chroma sample. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weight: Float64Array;
  readonly chroma: Int32Array;
}

interface Plan {
  readonly at: Placement;
  readonly columns: Taps;
  readonly rows: Taps;
  readonly limited: RgbTables;
  readonly full: RgbTables;
}

export class Letterbox<Memory extends ArrayBufferLike = ArrayBuffer> {
  readonly input: ModelInput;
  /** CHW. Valid until the next `fill`. */
  readonly data: Float32Array<Memory>;
  private readonly plans = new Map<string, Plan>();
  private padded: Placement | undefined;

  /** @param data to draw into: 3 · height · width, which nobody else writes */
  constructor(input: ModelInput, data: Float32Array<Memory>) {
    this.input = input;
    this.data = data;
  }

  /** With memory of its own, which onnxruntime takes. */
  static alone(input: ModelInput): Letterbox {
    return new Letterbox(input, new Float32Array(3 * input.width * input.height));
  }

  /**
   * Draws the picture into `data` and says where it lies there.
   * @throws StopsignError BAD_INPUT when the planes are too short for the size
   */
  fill(picture: YuvPicture): Placement {
    const { y, u, v } = picture;
    assertPlanes(picture, y, u, v);
    const plan = this.planFor(picture);
    if (this.padded !== plan.at) this.pad(plan.at);
    this.draw(plan, picture.fullRange ? plan.full : plan.limited, y, u, v);
    return plan.at;
  }

  private draw(plan: Plan, rgb: RgbTables, y: Uint8Array, u: Uint8Array, v: Uint8Array): void {
    const { data, input } = this;
    const { at, columns, rows } = plan;
    const { gain, offset, redOfV, greenOfU, greenOfV, blueOfU } = rgb;
    const { order, white } = LAYOUTS[input.layout];
    const area = input.width * input.height;
    const redPlane = order === 'rgb' ? 0 : 2 * area;
    const bluePlane = order === 'rgb' ? 2 * area : 0;
    const stride = at.source.width;
    const chromaStride = (stride + 1) >> 1;
    const { first, second, weight, chroma } = columns;
    for (let row = 0; row < at.height; row += 1) {
      const upper = (rows.first[row] as number) * stride;
      const lower = (rows.second[row] as number) * stride;
      const share = rows.weight[row] as number;
      const chromaRow = (rows.chroma[row] as number) * chromaStride;
      let out = (at.top + row) * input.width + at.left;
      for (let column = 0; column < at.width; column += 1, out += 1) {
        const a = first[column] as number;
        const b = second[column] as number;
        const w = weight[column] as number;
        const ua = y[upper + a] as number;
        const la = y[lower + a] as number;
        const top = ua + ((y[upper + b] as number) - ua) * w;
        const bottom = la + ((y[lower + b] as number) - la) * w;
        const luma = (top + (bottom - top) * share) * gain + offset;
        const c = chromaRow + (chroma[column] as number);
        const cu = u[c] as number;
        const cv = v[c] as number;
        const red = luma + (redOfV[cv] as number);
        const green = luma + (greenOfU[cu] as number) + (greenOfV[cv] as number);
        const blue = luma + (blueOfU[cu] as number);
        data[redPlane + out] = clamp(red, white);
        data[area + out] = clamp(green, white);
        data[bluePlane + out] = clamp(blue, white);
      }
    }
  }

  private pad(at: Placement): void {
    const { pad, white } = LAYOUTS[this.input.layout];
    this.data.fill((pad * white) / 255);
    this.padded = at;
  }

  private planFor(picture: YuvPicture): Plan {
    const key = `${picture.width}×${picture.height}`;
    const known = this.plans.get(key);
    if (known) return known;
    const source = { width: picture.width, height: picture.height };
    const at = placePicture(source, this.input);
    const { white } = LAYOUTS[this.input.layout];
    const matrix = matrixFor(source);
    const plan: Plan = {
      at,
      columns: taps(source.width, at.width, 0),
      rows: taps(source.height, at.height, 0.5),
      limited: rgbTables(matrix, false, white),
      full: rgbTables(matrix, true, white),
    };
    const oldest = this.plans.keys().next();
    if (this.plans.size >= MAX_PLANS && !oldest.done) this.plans.delete(oldest.value);
    this.plans.set(key, plan);
    return plan;
  }
}

/** @param chromaOffset where chroma sample 0 lies, in luma samples: 0 horizontally, 0.5 vertically */
function taps(source: number, target: number, chromaOffset: number): Taps {
  const first = new Int32Array(target);
  const second = new Int32Array(target);
  const weight = new Float64Array(target);
  const chroma = new Int32Array(target);
  const lastChroma = ((source + 1) >> 1) - 1;
  for (let i = 0; i < target; i += 1) {
    const at = Math.min(Math.max(((i + 0.5) * source) / target - 0.5, 0), source - 1);
    const whole = Math.floor(at);
    first[i] = whole;
    second[i] = Math.min(whole + 1, source - 1);
    weight[i] = at - whole;
    chroma[i] = Math.min(Math.max(Math.round((at - chromaOffset) / 2), 0), lastChroma);
  }
  return { first, second, weight, chroma };
}

/** Half a branch: fully branching clamps cost 40 % more on noisy pictures. */
function clamp(value: number, white: number): number {
  if (value < 0) return 0;
  return Math.min(value, white);
}

function assertPlanes(picture: YuvPicture, y: Uint8Array, u: Uint8Array, v: Uint8Array): void {
  const { width, height } = picture;
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1);
  if (width >= 2 && height >= 2 && y.length >= width * height && u.length >= chroma && v.length >= chroma) return;
  throw new StopsignError('BAD_INPUT', `The planes of a ${width}×${height} picture are too short or it is empty.`);
}
