/**
 * Recognises what kind of detector a model is from the shapes of its outputs, and picks the decoder. Pure. Called once
 * when a model is opened; a manifest may force the family, then the shapes only have to agree.
 */
import { StopsignError } from '../errors.ts';
import type { Candidate, DecodeOptions, OutputTensor } from './candidate.ts';
import { decodeCenternet } from './decode-centernet.ts';
import { decodeEnd2end } from './decode-end2end.ts';
import { decodeYolov8 } from './decode-yolov8.ts';
import { decodeYolox, YOLOX_STRIDES } from './decode-yolox.ts';
import { FAMILIES, type Family, type InputSize } from './model-input.ts';

export type OutputShape = Pick<OutputTensor, 'name' | 'dims'>;

export interface RecognisedFamily {
  readonly family: Family;
  /** How many classes the outputs hold; null when the shapes do not say (end2end). */
  readonly classCount: number | null;
  decode(outputs: readonly OutputTensor[], options: DecodeOptions): Candidate[];
}

const ACCEPTED =
  'Accepted are yolox [1,N,5+C], yolov8 [1,4+C,N], end2end [1,N,6] and centernet [1,C,H,W] with [1,4,H,W].';

/**
 * @param input size the outputs were computed for: a YOLOX head has one row per cell of the strides 8, 16 and 32
 * @throws StopsignError BAD_MODEL naming what was found and what is accepted
 */
export function recogniseFamily(outputs: readonly OutputShape[], input: InputSize, forced?: Family): RecognisedFamily {
  for (const family of forced ? [forced] : FAMILIES) {
    const match = MATCHERS[family](outputs, input);
    if (match) return { family, ...match };
  }
  const found = outputs.map(({ name, dims }) => `${name} [${dims.join(',')}]`).join(' and ') || 'nothing';
  const whose = forced ? `a ${forced} model` : 'a detector of a known family';
  throw new StopsignError(
    'BAD_MODEL',
    `The model gives ${found} for ${input.width}×${input.height}: not ${whose}. ${ACCEPTED}`,
    { remedy: 'Use one of `stopsign models list`, or export the model without extra outputs.' },
  );
}

type Match = Omit<RecognisedFamily, 'family'> | null;

/** Tried in the order of FAMILIES: the strictest shape comes first. */
const MATCHERS: Readonly<Record<Family, (outputs: readonly OutputShape[], input: InputSize) => Match>> = {
  yolox(outputs, input) {
    const [rows, length] = only(outputs) ?? [0, 0];
    if (rows !== yoloxRows(input) || length <= 5) return null;
    return { classCount: length - 5, decode: ([output], options) => decodeYolox(output as OutputTensor, options) };
  },
  yolov8(outputs) {
    const [rows, length] = only(outputs) ?? [0, 0];
    if (rows <= 4 || length <= rows) return null;
    return { classCount: rows - 4, decode: ([output], options) => decodeYolov8(output as OutputTensor, options) };
  },
  end2end(outputs) {
    const [rows, length] = only(outputs) ?? [0, 0];
    if (rows < 1 || length !== 6) return null;
    return { classCount: null, decode: ([output], options) => decodeEnd2end(output as OutputTensor, options) };
  },
  centernet(outputs) {
    if (outputs.length !== 2 || outputs.some(({ dims }) => dims.length !== 4 || dims[0] !== 1)) return null;
    const sidesAt = outputs.findIndex(({ dims }) => dims[1] === 4);
    const heatAt = 1 - sidesAt;
    const heat = outputs[heatAt];
    const sides = outputs[sidesAt];
    if (!heat || !sides || heat.dims[2] !== sides.dims[2] || heat.dims[3] !== sides.dims[3]) return null;
    return {
      classCount: heat.dims[1] as number,
      decode: (all, options) => decodeCenternet(all[heatAt] as OutputTensor, all[sidesAt] as OutputTensor, options),
    };
  },
};

/** The last two dimensions of a single output [1, A, B], else null. */
function only(outputs: readonly OutputShape[]): [number, number] | null {
  const [first, ...others] = outputs;
  if (!first || others.length > 0 || first.dims.length !== 3 || first.dims[0] !== 1) return null;
  return [first.dims[1] as number, first.dims[2] as number];
}

function yoloxRows(input: InputSize): number {
  return YOLOX_STRIDES.reduce((sum, stride) => sum + (input.width / stride) * (input.height / stride), 0);
}
