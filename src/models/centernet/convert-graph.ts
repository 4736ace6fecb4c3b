/**
 * TensorFlow graph → ONNX, for the operators a CenterNet on MobileNetV3 is made of. Pictures go from NHWC to NCHW,
 * kernels from (height, width, in, out) to (out, in, height, width); SAME padding is SAME_UPPER, and TensorFlow's
 * bilinear resize without half-pixel centres is ONNX's `asymmetric`. No size is written into the graph: it runs on any
 * input whose sides are multiples of 32. Pure.
 */
import { StopsignError } from '../../errors.ts';
import type { OnnxAttribute } from '../onnx/model-proto.ts';
import { OnnxGraph } from './onnx-graph.ts';
import {
  numbersAttribute,
  type TfGraph,
  type TfNode,
  type TfWeight,
  textAttribute,
  textsAttribute,
} from './tfjs-graph.ts';
import { transpose } from './transpose.ts';

export interface GraphEnds {
  /** Node of the TensorFlow graph → name in ONNX. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly inputName: string;
}

/** @throws StopsignError BAD_MODEL when the graph holds something this conversion does not know */
export function convertGraph(source: TfGraph, ends: GraphEnds): OnnxGraph {
  const conversion = new Conversion(source, ends.inputName);
  const results = Object.entries(ends.outputs).map(([node, name]) => ({ from: conversion.resultOf(node), name }));
  for (const { from, name } of results) conversion.graph.rename(from, name);
  return conversion.graph;
}

class Conversion {
  readonly graph = new OnnxGraph();
  private readonly source: TfGraph;
  private readonly inputName: string;
  private readonly done = new Map<string, string>();

  constructor(source: TfGraph, inputName: string) {
    this.source = source;
    this.inputName = inputName;
  }

  /** Name of the ONNX value that a node gives; converts what it needs first, each node once. */
  resultOf(reference: string): string {
    const name = reference.replace(/:0$/, '');
    const known = this.done.get(name);
    if (known) return known;
    const weight = this.source.weights.get(name);
    const result = weight ? this.perChannel(name, weight) : this.convert(this.node(name));
    this.done.set(name, result);
    return result;
  }

  private convert(node: TfNode): string {
    const { graph } = this;
    const first = (): string => this.resultOf(inputOf(node, 0));
    switch (node.op) {
      case 'Placeholder':
        return this.inputName;
      case 'Identity':
        return first();
      case 'Conv2D':
      case '_FusedConv2D':
        return this.convolution(node, false);
      case 'DepthwiseConv2dNative':
      case 'FusedDepthwiseConv2dNative':
        return this.convolution(node, true);
      case 'Mul':
      case 'Add':
        return graph.add(
          node.op,
          node.input.map((input) => this.resultOf(input)),
        );
      case 'Relu':
      case 'Relu6':
        return this.activation(node.op, first());
      case 'Sigmoid':
        return graph.add('Sigmoid', [first()]);
      case 'Mean':
        // Squeeze-and-excite: over height and width, which are axes 2 and 3 here.
        return graph.add('ReduceMean', [first()], { axes: { ints: [2, 3] }, keepdims: { int: 1 } });
      case 'ConcatV2':
        // The last input is the axis: channels.
        return graph.add(
          'Concat',
          node.input.slice(0, -1).map((input) => this.resultOf(input)),
          { axis: { int: 1 } },
        );
      case 'ResizeBilinear':
        return graph.add('Resize', [first(), graph.constant([0], []), graph.constant([4], [1, 1, 2, 2])], {
          mode: { text: 'linear' },
          coordinate_transformation_mode: { text: 'asymmetric' },
        });
      default:
        throw unknown(`the operator ${node.op} (${node.name})`);
    }
  }

  private convolution(node: TfNode, depthwise: boolean): string {
    const { graph } = this;
    const kernel = this.weight(inputOf(node, 1));
    const [height, width, channels = 0] = kernel.shape as [number, number, number, number];
    const moved = transpose(kernel.data, kernel.shape, depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]);
    // A depthwise kernel is (height, width, channels, multiplier): each channel is a group of its own.
    const outputs = (moved.shape[0] as number) * (depthwise ? (moved.shape[1] as number) : 1);
    const dims = depthwise ? [outputs, 1, height, width] : moved.shape;
    const inputs = [this.resultOf(inputOf(node, 0)), graph.constant(dims, moved.data)];
    const fused = textsAttribute(node, 'fused_ops');
    if (fused.includes('BiasAdd')) {
      const bias = this.weight(inputOf(node, 2));
      inputs.push(graph.constant(bias.shape, bias.data));
    }
    const attributes: Record<string, OnnxAttribute> = {
      kernel_shape: { ints: [height, width] },
      strides: { ints: numbersAttribute(node, 'strides').slice(1, 3) },
      auto_pad: { text: textAttribute(node, 'padding') === 'SAME' ? 'SAME_UPPER' : 'VALID' },
      ...(depthwise ? { group: { int: channels } } : {}),
    };
    const result = graph.add('Conv', inputs, attributes);
    const then = fused.filter((op) => op !== 'BiasAdd');
    return then.reduce((value, op) => this.activation(op, value), result);
  }

  private activation(op: string, value: string): string {
    const { graph } = this;
    if (op === 'Relu') return graph.add('Relu', [value]);
    if (op === 'Relu6') return graph.add('Clip', [value, graph.scalar(0), graph.scalar(6)]);
    throw unknown(`the activation ${op}`);
  }

  /** A constant beside a picture: a scalar, or one number a channel. */
  private perChannel(name: string, weight: TfWeight): string {
    if (weight.shape.length === 0) return this.graph.scalar(weight.data[0] as number);
    if (weight.shape.length === 1) return this.graph.constant([1, weight.data.length, 1, 1], weight.data);
    throw unknown(`a constant of shape [${weight.shape.join(',')}] (${name})`);
  }

  private node(name: string): TfNode {
    const node = this.source.nodes.get(name);
    if (!node) throw unknown(`a reference to ${name}, which is not in the graph`);
    return node;
  }

  private weight(reference: string): TfWeight {
    const weight = this.source.weights.get(reference.replace(/:0$/, ''));
    if (!weight) throw unknown(`a convolution whose weights ${reference} are not constant`);
    return weight;
  }
}

function inputOf(node: TfNode, index: number): string {
  const input = node.input[index];
  if (input === undefined) throw unknown(`${node.name} without its input ${index}`);
  return input;
}

function unknown(what: string): StopsignError {
  return new StopsignError('BAD_MODEL', `The graph holds ${what}, which the conversion to ONNX does not know.`);
}
