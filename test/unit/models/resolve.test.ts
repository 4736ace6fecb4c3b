import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Manifest, type ManifestEntry, parseManifest, readManifest } from '../../../src/models/manifest.ts';
import { sha256OfBytes, sha256OfFile } from '../../../src/models/model-file.ts';
import type { ModelProgress } from '../../../src/models/obtain.ts';
import { resolveModel } from '../../../src/models/resolve.ts';
import { projectRoot } from '../../support/shared.ts';
import { downloadEntry, temporaryModels } from './temporary-models.ts';

const weights = Buffer.from('these are the weights');
const sha256 = sha256OfBytes(weights);
const other = Buffer.from('these are others');
const refused = 'http://127.0.0.1:1/none.onnx';

function manifestOf(...models: ManifestEntry[]): Manifest {
  return { version: 1, models };
}

describe('the manifest', () => {
  it('in the repository is valid and prefers YOLOX-Nano', async () => {
    const manifest = await readManifest(join(projectRoot(), 'models'));
    expect(manifest.models.map(({ name }) => name)).toEqual(['yolox-nano', 'centernet-mobilenetv3']);
  });

  it.each([
    ['what is not JSON', '{'],
    ['an unknown version', JSON.stringify({ version: 2, models: [downloadEntry()] })],
    ['two models of one name', JSON.stringify(manifestOf(downloadEntry(), downloadEntry()))],
    ['an input side that is no multiple of 32', JSON.stringify(manifestOf(sized(400)))],
    ['a file name that leaves the folder', JSON.stringify(manifestOf(downloadEntry({ file: '../evil.onnx' })))],
    ['a sha256 that is none', JSON.stringify(manifestOf(downloadEntry({ sha256: 'abc' })))],
  ])('refuses %s', (_, text) => {
    expect(() => parseManifest(text, 'manifest.json')).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
  });
});

describe('resolving a model', () => {
  it('takes a path as it is, with its own sha256', async () => {
    await using models = await temporaryModels();
    const path = await models.write('mine.onnx', weights);
    const model = await resolveModel({
      use: path,
      modelsDir: models.dir,
      env: {},
      manifest: manifestOf(downloadEntry()),
    });
    expect(model).toMatchObject({ path, sha256, family: null, input: null });
  });

  it('says when a named path is not there', async () => {
    const promise = resolveModel({
      use: './gone.onnx',
      modelsDir: '.',
      env: {},
      manifest: manifestOf(downloadEntry()),
    });
    await expect(promise).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });

  it('names the known models when a name is unknown', async () => {
    const promise = resolveModel({ use: 'yolo', modelsDir: '.', env: {}, manifest: manifestOf(downloadEntry()) });
    await expect(promise).rejects.toMatchObject({ code: 'BAD_CONFIG', remedy: expect.stringContaining('tiny') });
  });

  it('finds it in models/ before STOPSIGN_MODELS_DIR, and there before the network', async () => {
    await using models = await temporaryModels();
    await using extra = await temporaryModels();
    const manifest = manifestOf(downloadEntry({ sha256, origin: origin(refused) }));
    const options = { use: 'tiny', modelsDir: models.dir, env: { STOPSIGN_MODELS_DIR: extra.dir }, manifest };
    await expect(resolveModel(options)).rejects.toMatchObject({ code: 'BAD_MODEL' });
    await extra.write('tiny.onnx', weights);
    expect((await resolveModel(options)).path).toBe(join(extra.dir, 'tiny.onnx'));
    await models.write('tiny.onnx', weights);
    expect((await resolveModel(options)).path).toBe(join(models.dir, 'tiny.onnx'));
  });

  it('refuses a damaged file, names both sums and leaves the file alone', async () => {
    await using models = await temporaryModels();
    const path = await models.write('tiny.onnx', other);
    await using server = await serve((_, response) => response.end(weights));
    const manifest = manifestOf(downloadEntry({ sha256, origin: origin(server.url) }));
    for (const use of ['tiny', undefined]) {
      const error: unknown = await resolveModel({ use, modelsDir: models.dir, env: {}, manifest }).catch((e) => e);
      expect(error).toMatchObject({ code: 'BAD_MODEL', remedy: expect.stringContaining('stopsign models pull tiny') });
      expect((error as Error).message).toContain(sha256);
      expect((error as Error).message).toContain(sha256OfBytes(other));
    }
    expect(await sha256OfFile(path)).toBe(sha256OfBytes(other));
  });

  it('downloads once, with progress, and needs no network afterwards', async () => {
    await using models = await temporaryModels();
    const progress: ModelProgress[] = [];
    const server = await serve((_, response) => response.end(weights));
    const manifest = manifestOf(downloadEntry({ sha256, origin: origin(server.url) }));
    const options = { modelsDir: models.dir, env: {}, manifest, onProgress: (p: ModelProgress) => progress.push(p) };
    const model = await resolveModel(options);
    await server[Symbol.asyncDispose]();
    expect(model).toMatchObject({ name: 'tiny', path: join(models.dir, 'tiny.onnx'), family: 'yolox' });
    expect(model.classes).toHaveLength(80);
    expect(progress.at(-1)).toMatchObject({ doing: 'downloading', receivedBytes: weights.length, totalBytes: 1000 });
    expect(await resolveModel(options)).toEqual(model);
  });

  it('prefers what is here over a better one that would have to be fetched', async () => {
    await using models = await temporaryModels();
    await models.write('second.onnx', weights);
    let asked = 0;
    await using server = await serve((_, response) => {
      asked += 1;
      response.end(weights);
    });
    const first = downloadEntry({ name: 'first', file: 'first.onnx', sha256, origin: origin(server.url) });
    const second = downloadEntry({ name: 'second', file: 'second.onnx', sha256, origin: origin(refused) });
    const model = await resolveModel({ modelsDir: models.dir, env: {}, manifest: manifestOf(first, second) });
    expect(model.name).toBe('second');
    expect(asked).toBe(0);
  });

  it('goes on to the next model when the first cannot be had, and names all reasons when none can', async () => {
    await using models = await temporaryModels();
    await using server = await serve((_, response) => response.end(weights));
    const broken = downloadEntry({ name: 'broken', sha256: 'b'.repeat(64), origin: origin(server.url) });
    const closed = downloadEntry({ name: 'closed', file: 'closed.onnx', sha256, origin: origin(refused) });
    const good = downloadEntry({ name: 'good', file: 'good.onnx', sha256, origin: origin(server.url) });
    const base = { modelsDir: models.dir, env: {} };
    const model = await resolveModel({ ...base, manifest: manifestOf(broken, closed, good) });
    expect(model.name).toBe('good');
    expect(await sha256OfFile(join(models.dir, 'tiny.onnx'))).toBeNull();
    const none: unknown = await resolveModel({ ...base, manifest: manifestOf(broken, closed) }).catch((e) => e);
    expect(none).toMatchObject({ code: 'BAD_MODEL' });
    expect((none as Error).message).toMatch(/b{64}.*127\.0\.0\.1:1/s);
  });
});

describe('a download', () => {
  it('may take longer than the silence it allows, as long as bytes keep coming', async () => {
    await using models = await temporaryModels();
    await using server = await serve(async (_, response) => {
      for (let i = 0; i < weights.length; i += 4) {
        response.write(weights.subarray(i, i + 4));
        await setTimeout(150);
      }
      response.end();
    });
    const manifest = manifestOf(downloadEntry({ sha256, origin: origin(server.url) }));
    const options = { use: 'tiny', modelsDir: models.dir, env: {}, manifest, silenceMs: 700 };
    expect((await resolveModel(options)).sha256).toBe(sha256);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['is refused', (_, response) => response.writeHead(404).end(), /answered 404/],
    ['is never answered', () => {}, /nothing came/],
    ['stops half way', (_, response) => response.write(weights.subarray(0, 5)), /nothing came/],
    ['is broken off', (_, response) => response.write('12345', () => response.destroy()), /cannot be downloaded/],
    ['is larger than promised', (_, response) => response.end(Buffer.alloc(5000)), /larger than/],
  ])('that %s fails with a sentence and a remedy, and leaves nothing behind', async (_, listener, message) => {
    await using models = await temporaryModels();
    await using server = await serve(listener);
    const manifest = manifestOf(downloadEntry({ sha256, origin: origin(server.url) }));
    const options = { use: 'tiny', modelsDir: models.dir, env: {}, manifest, silenceMs: 200 };
    const error: unknown = await resolveModel(options).catch((e) => e);
    expect(error).toMatchObject({ code: 'BAD_MODEL', remedy: expect.stringContaining('STOPSIGN_MODELS_DIR') });
    expect((error as Error).message).toMatch(message);
    expect(await sha256OfFile(join(models.dir, 'tiny.onnx'))).toBeNull();
  });
});

function sized(width: number): ManifestEntry {
  return downloadEntry({ input: { width, height: 416, layout: 'yolox' } });
}

function origin(url: string): ManifestEntry['origin'] {
  return { kind: 'download', repository: 'http://127.0.0.1', url };
}

async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/model.onnx`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
