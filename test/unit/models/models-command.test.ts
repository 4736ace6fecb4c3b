import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { listModels, type ModelsCommand, pullModel } from '../../../src/cli/models.ts';
import { sha256OfBytes, sha256OfFile } from '../../../src/models/model-file.ts';
import { downloadEntry, temporaryModels } from './temporary-models.ts';

const weights = Buffer.from('these are the weights');
/** A server is not needed: fetch understands data URLs. */
const url = `data:application/octet-stream;base64,${weights.toString('base64')}`;
const entry = downloadEntry({
  sha256: sha256OfBytes(weights),
  origin: { kind: 'download', repository: 'http://127.0.0.1', url },
});

function command(modelsDir: string): ModelsCommand & { readonly out: PassThrough } {
  return { modelsDir, env: {}, out: new PassThrough(), manifest: { version: 1, models: [entry] } };
}

describe('stopsign models', () => {
  it('lists what is missing, damaged and here', async () => {
    await using models = await temporaryModels();
    const missing = command(models.dir);
    await listModels(missing);
    expect(String(missing.out.read())).toMatch(
      /^NAME +LICENCE +INPUT +SHA256 +WHERE\ntiny +CC0-1.0 +416×416 +- +not here\n$/,
    );
    const path = await models.write('tiny.onnx', 'damaged');
    const damaged = command(models.dir);
    await listModels(damaged);
    expect(String(damaged.out.read())).toContain(`WRONG   ${path}`);
    await models.write('tiny.onnx', weights);
    const here = command(models.dir);
    await listModels(here);
    expect(String(here.out.read())).toContain(`ok      ${path}`);
  });

  it.each(['tiny', undefined])('pulls (%s) and replaces a damaged file', async (name) => {
    await using models = await temporaryModels();
    const path = await models.write('tiny.onnx', 'damaged');
    const pull = command(models.dir);
    expect(await pullModel(name, pull)).toBe(path);
    expect(await sha256OfFile(path)).toBe(entry.sha256);
    expect(String(pull.out.read())).toBe(`downloading tiny\n${path}\n`);
  });

  it('pulls nothing that is here already', async () => {
    await using models = await temporaryModels();
    const path = await models.write('tiny.onnx', weights);
    const pull = command(models.dir);
    await pullModel(undefined, pull);
    await pullModel('tiny', pull);
    expect(String(pull.out.read())).toBe(`${path}\n${path}\n`);
  });

  it('names the known models when asked for another', async () => {
    const promise = pullModel('huge', command('.'));
    await expect(promise).rejects.toMatchObject({ code: 'BAD_USAGE', remedy: expect.stringContaining('tiny') });
  });
});
