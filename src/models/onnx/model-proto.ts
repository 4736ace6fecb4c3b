/**
 * An ONNX model as plain data and its encoding. Field numbers are those of onnx.proto (IR version 6, the one that goes
 * with operator set 11): https://github.com/onnx/onnx/blob/v1.6.0/onnx/onnx.proto
 */
import { ProtoMessage } from './protobuf.ts';

export const OPSET = 11;
const IR_VERSION = 6;
const FLOAT = 1;
const ATTRIBUTE_TYPE = { int: 2, string: 3, ints: 7 } as const;

export interface OnnxModel {
  readonly producer: string;
  readonly graphName: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxAttribute = { readonly int: number } | { readonly ints: readonly number[] } | { readonly text: string };

/** Float32 weights, row-major. */
export interface OnnxConstant {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A float32 tensor that goes in or comes out; a dimension is a size or the name of a free one. */
export interface OnnxValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
}

export function encodeModel(model: OnnxModel): Uint8Array {
  return new ProtoMessage()
    .int(1, IR_VERSION)
    .string(2, model.producer)
    .message(7, graphProto(model))
    .message(8, new ProtoMessage().string(1, '').int(2, OPSET))
    .finish();
}

function graphProto(model: OnnxModel): ProtoMessage {
  const graph = new ProtoMessage();
  for (const node of model.nodes) graph.message(1, nodeProto(node));
  graph.string(2, model.graphName);
  for (const constant of model.constants) graph.message(5, tensorProto(constant));
  for (const input of model.inputs) graph.message(11, valueInfoProto(input));
  for (const output of model.outputs) graph.message(12, valueInfoProto(output));
  return graph;
}

function nodeProto(node: OnnxNode): ProtoMessage {
  const message = new ProtoMessage()
    .strings(1, node.inputs)
    .string(2, node.output)
    .string(3, node.output)
    .string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) message.message(5, attributeProto(name, value));
  return message;
}

function attributeProto(name: string, value: OnnxAttribute): ProtoMessage {
  const message = new ProtoMessage().string(1, name);
  if ('int' in value) return message.int(3, value.int).int(20, ATTRIBUTE_TYPE.int);
  if ('ints' in value) return message.ints(8, value.ints).int(20, ATTRIBUTE_TYPE.ints);
  return message.string(4, value.text).int(20, ATTRIBUTE_TYPE.string);
}

function tensorProto(constant: OnnxConstant): ProtoMessage {
  return new ProtoMessage()
    .ints(1, constant.dims)
    .int(2, FLOAT)
    .string(8, constant.name)
    .bytes(9, littleEndian(constant.data));
}

function valueInfoProto(value: OnnxValue): ProtoMessage {
  const shape = new ProtoMessage();
  for (const dim of value.dims) {
    const dimension = new ProtoMessage();
    shape.message(1, typeof dim === 'number' ? dimension.int(1, dim) : dimension.string(2, dim));
  }
  const tensorType = new ProtoMessage().int(1, FLOAT).message(2, shape);
  return new ProtoMessage().string(1, value.name).message(2, new ProtoMessage().message(1, tensorType));
}

function littleEndian(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.length * 4);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return bytes;
}
