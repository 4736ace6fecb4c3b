/** The model that every machine with the npm packages can have, made and run for real; and files that are no model. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convertCenternet } from '../../../src/models/centernet/convert-centernet.ts';
import { convertGraph } from '../../../src/models/centernet/convert-graph.ts';
import type { TfGraph, TfNode } from '../../../src/models/centernet/tfjs-graph.ts';
import { type ManifestEntry, readManifest } from '../../../src/models/manifest.ts';
import { sha256OfBytes } from '../../../src/models/model-file.ts';
import { encodeModel, type OnnxModel } from '../../../src/models/onnx/model-proto.ts';
import { resolveModel } from '../../../src/models/resolve.ts';
import { openDetector } from '../../../src/vision/detector.ts';
import { openSession } from '../../../src/vision/ort-session.ts';
import type { YuvPicture } from '../../../src/vision/picture.ts';
import { projectRoot } from '../../support/shared.ts';
import { temporaryModels } from '../../unit/models/temporary-models.ts';

const options = { threads: 1, minScore: 0.1, nmsIou: 0.5 };

async function centernetEntry(): Promise<ManifestEntry> {
  const manifest = await readManifest(join(projectRoot(), 'models'));
  const entry = manifest.models.find(({ origin }) => origin.kind === 'npm');
  if (!entry) throw new Error('the manifest has no npm model');
  return entry;
}

describe('the CenterNet of the npm package', () => {
  it('is the same file every time, the one the manifest pins', async () => {
    const entry = await centernetEntry();
    if (entry.origin.kind !== 'npm') throw new Error('not from npm');
    const [first, second] = [await convertCenternet(entry.origin), await convertCenternet(entry.origin)];
    expect(sha256OfBytes(first)).toBe(entry.sha256);
    expect(first.length).toBe(entry.bytes);
    expect(sha256OfBytes(second)).toBe(entry.sha256);
  });

  it('is had without the network, and runs at any multiple of 32', async () => {
    await using models = await temporaryModels();
    const manifest = { version: 1 as const, models: [await centernetEntry()] };
    const model = await resolveModel({ modelsDir: models.dir, env: {}, manifest });
    expect(model).toMatchObject({ family: 'centernet', input: { width: 640, height: 352 } });
    for (const size of [undefined, { width: 320, height: 320 }]) {
      await using detector = await openDetector({ path: model.path, input: size }, options);
      expect(detector.input).toMatchObject({ layout: 'centernet', ...(size ?? { width: 640, height: 352 }) });
      expect(await detector.detect(grey(320, 180))).toEqual([]);
    }
  });

  it('says when the package is not installed or holds no such graph', async () => {
    const missing = convertCenternet({ package: '@stopsign/none', graph: 'x.json' });
    await expect(missing).rejects.toMatchObject({ code: 'BAD_MODEL', remedy: expect.stringContaining('npm ci') });
    const wrong = convertCenternet({ package: '@vladmandic/human', graph: 'models/none.json' });
    await expect(wrong).rejects.toMatchObject({ code: 'BAD_MODEL' });
  });
});

describe('converted operators', () => {
  it('compute what TensorFlow defines: SAME padding, depthwise groups, fused activations', async () => {
    const text = (value: string): string => Buffer.from(value).toString('base64');
    const attr = (fused: string[], strides: string[]): TfNode['attr'] => ({
      padding: { s: text('SAME') },
      strides: { list: { i: strides } },
      fused_ops: { list: { s: fused.map(text) } },
    });
    const nodes: TfNode[] = [
      { name: 'x', op: 'Placeholder', input: [], attr: {} },
      {
        name: 'deep',
        op: 'FusedDepthwiseConv2dNative',
        input: ['x', 'ones', 'bias'],
        attr: attr(['BiasAdd', 'Relu6'], ['1', '2', '2', '1']),
      },
      { name: 'mixed', op: '_FusedConv2D', input: ['deep', 'mix'], attr: attr([], ['1', '1', '1', '1']) },
      { name: 'y', op: 'Mul', input: ['mixed', 'half'], attr: {} },
    ];
    const graph: TfGraph = {
      nodes: new Map(nodes.map((node) => [node.name, node])),
      weights: new Map([
        ['ones', { shape: [3, 3, 3, 1], data: new Float32Array(27).fill(1) }],
        ['bias', { shape: [3], data: Float32Array.of(0, -100, 1) }],
        ['mix', { shape: [1, 1, 3, 2], data: Float32Array.of(1, 0, 0, 1, 0, 10) }],
        ['half', { shape: [], data: Float32Array.of(0.5) }],
      ]),
    };
    const converted = convertGraph(graph, { inputName: 'images', outputs: { y: 'out' } });
    await using models = await temporaryModels();
    const path = await models.write('tiny.onnx', onnx({ nodes: converted.nodes, constants: converted.constants }));
    await using session = await openSession(path, { threads: 1 });
    // 4×4, stride 2, SAME with kernel 3: one row and column of padding at the end only.
    const input = new Float32Array(48).fill(0.1, 0, 16).fill(1, 16, 32).fill(0.5, 32, 48);
    const [out] = await session.run(input, { width: 4, height: 4 });
    expect(out?.dims).toEqual([1, 2, 2, 2]);
    // Channel 0: 0.1 · (9, 6, 6, 4) halved. Channel 1: the second channel is below 0; 10 · (0.5 · (9, 6, 6, 4) + 1) / 2.
    const expected = [0.45, 0.3, 0.3, 0.2, 27.5, 20, 20, 15];
    expected.forEach((value, i) => {
      expect(out?.data[i]).toBeCloseTo(value, 5);
    });
  });
});

describe('a file that is no detector', () => {
  it.each([
    ['garbage', Buffer.from('this is not a model')],
    ['an empty file', Buffer.alloc(0)],
    ['a model cut in half', onnx({ dims: [1, 3, 32, 32] }).subarray(0, 40)],
    ['a model that takes one channel', onnx({ dims: [1, 1, 32, 32] })],
    ['a model that gives back a picture', onnx({ dims: [1, 3, 32, 32] })],
  ])('%s is refused with a sentence and a remedy', async (_, bytes) => {
    await using models = await temporaryModels();
    const path = await models.write('bad.onnx', bytes);
    await expect(openDetector({ path }, options)).rejects.toMatchObject({
      code: 'BAD_MODEL',
      remedy: expect.stringContaining('stopsign models'),
    });
  });

  it('and neither is one that is not there', async () => {
    await expect(openDetector({ path: '/gone.onnx' }, options)).rejects.toMatchObject({ code: 'BAD_MODEL' });
  });

  it('the native section is left again when opening fails', async () => {
    await using models = await temporaryModels();
    const path = await models.write('bad.onnx', 'no model');
    const calls: string[] = [];
    const native = { enter: () => calls.push('enter'), leave: () => calls.push('leave') };
    await openSession(path, { threads: 1, native }).catch(() => {});
    expect(calls).toEqual(['enter', 'leave']);
  });
});

function onnx(parts: Partial<OnnxModel> & { readonly dims?: readonly number[] }): Uint8Array {
  const identity = { op: 'Identity', inputs: ['images'], output: 'out', attributes: {} };
  return encodeModel({
    producer: 'test',
    graphName: 'test',
    nodes: parts.nodes ?? [identity],
    constants: parts.constants ?? [],
    inputs: [{ name: 'images', dims: parts.dims ?? [1, 3, 'h', 'w'] }],
    outputs: [{ name: 'out', dims: parts.dims ?? [1, 'c', 'oh', 'ow'] }],
  });
}

function grey(width: number, height: number): YuvPicture {
  const y = new Uint8Array(width * height).fill(126);
  const u = new Uint8Array((width * height) / 4).fill(128);
  return { width, height, fullRange: false, y, u, v: u };
}
