import { describe, expect, it } from 'vitest';
import { convertGraph } from '../../../src/models/centernet/convert-graph.ts';
import { halfToNumber } from '../../../src/models/centernet/half-float.ts';
import { readTfjsGraph, type TfGraph } from '../../../src/models/centernet/tfjs-graph.ts';
import { transpose } from '../../../src/models/centernet/transpose.ts';
import { ProtoMessage } from '../../../src/models/onnx/protobuf.ts';

const bytesOf = (message: ProtoMessage): number[] => [...message.finish()];

describe('the protobuf writer', () => {
  // The examples of the encoding guide.
  it('writes varints, strings and nested messages as the specification shows them', () => {
    expect(bytesOf(new ProtoMessage().int(1, 150))).toEqual([0x08, 0x96, 0x01]);
    expect(bytesOf(new ProtoMessage().string(2, 'testing'))).toEqual([0x12, 7, ...Buffer.from('testing')]);
    expect(bytesOf(new ProtoMessage().message(3, new ProtoMessage().int(1, 150)))).toEqual([0x1a, 3, 0x08, 0x96, 1]);
  });

  it('writes field numbers above 15 and values above 32 bits', () => {
    expect(bytesOf(new ProtoMessage().int(20, 7))).toEqual([0xa0, 0x01, 7]);
    expect(bytesOf(new ProtoMessage().int(1, 2 ** 35))).toEqual([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
  });

  it.each([-1, 0.5, 2 ** 53])('refuses %d, which is no varint', (value) => {
    expect(() => new ProtoMessage().int(1, value)).toThrow(RangeError);
  });
});

describe('half floats', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('%i is %d', (bits, value) => {
    expect(halfToNumber(bits)).toBe(value);
  });
});

describe('transposing', () => {
  it('moves a kernel from height, width, in, out to out, in, height, width', () => {
    const shape = [2, 3, 4, 5];
    const data = Float32Array.from({ length: 120 }, (_, i) => i);
    const moved = transpose(data, shape, [3, 2, 0, 1]);
    expect(moved.shape).toEqual([5, 4, 2, 3]);
    for (let h = 0; h < 2; h += 1)
      for (let w = 0; w < 3; w += 1)
        for (let i = 0; i < 4; i += 1)
          for (let o = 0; o < 5; o += 1) {
            expect(moved.data[((o * 4 + i) * 2 + h) * 3 + w]).toBe(((h * 3 + w) * 4 + i) * 5 + o);
          }
  });
});

describe('reading a TensorFlow.js graph', () => {
  const json = {
    format: 'graph-model',
    modelTopology: { node: [{ name: 'x', op: 'Placeholder' }] },
    weightsManifest: [
      {
        weights: [
          { name: 'half', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } },
          { name: 'axes', shape: [], dtype: 'int32' },
        ],
      },
    ],
  };

  it('reads weights of every kind one after the other', () => {
    const graph = readTfjsGraph(json, Uint8Array.of(0x00, 0x3c, 0x00, 0xc0, 0xff, 0xff, 0xff, 0xff));
    expect(graph.weights.get('half')?.data).toEqual(Float32Array.of(1, -2));
    expect(graph.weights.get('axes')?.data).toEqual(Float32Array.of(-1));
  });

  it('refuses weights that end early and JSON of another kind', () => {
    const refusal = expect.objectContaining({ code: 'BAD_MODEL' });
    expect(() => readTfjsGraph(json, new Uint8Array(7))).toThrow(refusal);
    expect(() => readTfjsGraph({ format: 'layers-model' }, new Uint8Array(8))).toThrow(refusal);
  });
});

describe('converting a graph', () => {
  const weights: TfGraph['weights'] = new Map();
  const convert = (op: string, input: string[] = ['x']) => {
    const node = (name: string, kind: string, inputs: string[]) =>
      [name, { name, op: kind, input: inputs, attr: {} }] as const;
    const nodes = new Map([node('x', 'Placeholder', []), node('y', op, input)]);
    return convertGraph({ nodes, weights }, { inputName: 'images', outputs: { y: 'result' } });
  };

  it('names the operator it does not know', () => {
    expect(() => convert('TopKV2')).toThrow(/TopKV2/);
    expect(() => convert('TopKV2')).toThrow(expect.objectContaining({ code: 'BAD_MODEL' }));
  });

  it('converts a node that is used twice once', () => {
    const graph = convert('Add', ['x', 'x:0']);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Add', 'Identity']);
    expect(graph.nodes[0]?.inputs).toEqual(['images', 'images']);
  });

  it('says so when a node is missing', () => {
    expect(() => convert('Relu', ['gone'])).toThrow(/gone/);
  });
});
