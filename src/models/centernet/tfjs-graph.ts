/**
 * Reads a TensorFlow.js graph model (`model.json` and its weight file) into nodes and float weights. Pure; called by
 * the conversion at set-up. Format: the GraphDef of TensorFlow as JSON plus `weightsManifest`, weights back to back.
 */
import { z } from 'zod';
import { StopsignError } from '../../errors.ts';
import { halfToNumber } from './half-float.ts';

const attributeSchema = z.looseObject({
  /** Base64, as JSON has no bytes. */
  s: z.string().optional(),
  list: z.looseObject({ i: z.array(z.string()).optional(), s: z.array(z.string()).optional() }).optional(),
});

const nodeSchema = z.looseObject({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attributeSchema).default({}),
});

const weightSchema = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32']),
  quantization: z.looseObject({ dtype: z.literal('float16') }).optional(),
});

const graphSchema = z.looseObject({
  format: z.literal('graph-model'),
  modelTopology: z.looseObject({ node: z.array(nodeSchema) }),
  weightsManifest: z.array(z.looseObject({ weights: z.array(weightSchema) })),
});

export type TfNode = z.infer<typeof nodeSchema>;

export interface TfWeight {
  /** Row-major; pictures are NHWC, kernels height, width, in, out. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TfGraph {
  readonly nodes: ReadonlyMap<string, TfNode>;
  readonly weights: ReadonlyMap<string, TfWeight>;
}

/** @throws StopsignError BAD_MODEL when the JSON is no graph model or the weights end early */
export function readTfjsGraph(json: unknown, weightBytes: Uint8Array): TfGraph {
  const parsed = graphSchema.safeParse(json);
  if (!parsed.success) {
    throw new StopsignError('BAD_MODEL', `This is no TensorFlow.js graph model: ${z.prettifyError(parsed.error)}`);
  }
  const { modelTopology, weightsManifest } = parsed.data;
  const nodes = new Map(modelTopology.node.map((node) => [node.name, node]));
  const weights = new Map<string, TfWeight>();
  const view = new DataView(weightBytes.buffer, weightBytes.byteOffset, weightBytes.byteLength);
  let offset = 0;
  for (const { name, shape, dtype, quantization } of weightsManifest.flatMap((group) => group.weights)) {
    const count = shape.reduce((product, size) => product * size, 1);
    const width = quantization ? 2 : 4;
    if (offset + count * width > view.byteLength) {
      throw new StopsignError('BAD_MODEL', `The weight file ends within ${name}.`);
    }
    const read = quantization ? readHalf : dtype === 'int32' ? readInt : readFloat;
    const start = offset;
    weights.set(name, { shape, data: Float32Array.from({ length: count }, (_, i) => read(view, start + i * width)) });
    offset += count * width;
  }
  return { nodes, weights };
}

/** A string attribute, e.g. `padding` → `SAME`; undefined when it is not there. */
export function textAttribute(node: TfNode, name: string): string | undefined {
  const value = node.attr[name]?.s;
  return value === undefined ? undefined : fromBase64(value);
}

export function textsAttribute(node: TfNode, name: string): string[] {
  return (node.attr[name]?.list?.s ?? []).map(fromBase64);
}

export function numbersAttribute(node: TfNode, name: string): number[] {
  return (node.attr[name]?.list?.i ?? []).map(Number);
}

const readHalf = (view: DataView, at: number): number => halfToNumber(view.getUint16(at, true));
const readInt = (view: DataView, at: number): number => view.getInt32(at, true);
const readFloat = (view: DataView, at: number): number => view.getFloat32(at, true);

function fromBase64(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}
