/** Several copies of a model on threads of their own: they find what one finds, in the order they were asked, and end. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveModel } from '../../../src/models/resolve.ts';
import { seededRandom } from '../../../src/sim/random.ts';
import { type DetectorModel, openDetector } from '../../../src/vision/detector.ts';
import { openDetectorPool } from '../../../src/vision/detector-pool.ts';
import type { YuvPicture } from '../../../src/vision/picture.ts';
import { projectRoot } from '../../support/shared.ts';
import { temporaryModels } from '../../unit/models/temporary-models.ts';
import { yuvFrames } from './yuv-frames.ts';

const OPTIONS = { minScore: 0.1, nmsIou: 0.5 };

async function demoPictures(count: number): Promise<YuvPicture[]> {
  const range = { width: 1280, height: 720, first: 1200, last: 1200 + 10 * (count - 1), step: 10 };
  return await yuvFrames(join(projectRoot(), 'demo/demo.mp4'), range);
}

/** The one that every machine with the npm packages can have, small: it is not asked to find well. */
async function smallModel(): Promise<{ model: DetectorModel } & AsyncDisposable> {
  const models = await temporaryModels();
  const manifest = await models.manifest(join(projectRoot(), 'models'));
  const { path } = await resolveModel({ use: 'centernet-mobilenetv3', modelsDir: models.dir, env: {}, manifest });
  return {
    model: { path, input: { width: 320, height: 192 } },
    [Symbol.asyncDispose]: () => models[Symbol.asyncDispose](),
  };
}

describe('a pool of detectors', () => {
  it('finds to the digit what one detector finds, and leaves native code when nothing is under way', async () => {
    await using small = await smallModel();
    const pictures = await demoPictures(6);
    const expected: unknown[] = [];
    await using one = await openDetector(small.model, { ...OPTIONS, threads: 2 });
    for (const picture of pictures) expected.push(await one.detect(picture));
    let inNative = 0;
    const native = { enter: () => (inNative = 1), leave: () => (inNative = 0) };
    await using pool = await openDetectorPool(small.model, { ...OPTIONS, copies: 2, native });
    expect(inNative).toBe(0);
    expect(pool.parallel).toBe(4);
    const found: unknown[] = [];
    for (let i = 0; i < pictures.length; i += 4) {
      const batch = pictures.slice(i, i + 4).map((picture) => {
        const detections = pool.detect(picture);
        // Its memory is free again: a decoder would write the next picture there.
        picture.y.fill(0);
        return detections;
      });
      expect(inNative).toBe(1);
      found.push(...(await Promise.all(batch)));
    }
    expect(found).toEqual(expected);
    expect(found.flat().length).toBeGreaterThan(0);
    expect(inNative).toBe(0);
  });

  it('gives every picture what is on it, two under way on one thread and the next behind each that is done', async () => {
    await using small = await smallModel();
    const pictures = await demoPictures(5);
    const truths: string[] = [];
    await using one = await openDetector(small.model, { ...OPTIONS, threads: 1 });
    for (const picture of pictures) truths.push(JSON.stringify(await one.detect(picture)));
    expect(new Set(truths).size).toBe(pictures.length);
    await using pool = await openDetectorPool(small.model, { ...OPTIONS, copies: 1 });
    // One memory for all pictures, as a decoder has: it holds another one as soon as the call returns.
    const memory = structuredClone(pictures[0] as YuvPicture);
    const show = (picture: YuvPicture | undefined) => {
      for (const plane of ['y', 'u', 'v'] as const) {
        if (picture) memory[plane].set(picture[plane]);
        else memory[plane].fill(99);
      }
      return memory;
    };
    const random = seededRandom(5);
    const underWay: { truth: string | undefined; found: Promise<unknown> }[] = [];
    const check = async () => {
      const first = underWay.shift();
      expect(JSON.stringify(await first?.found)).toBe(first?.truth);
    };
    for (let n = 0; n < 40; n++) {
      const i = Math.floor(random.uniform() * pictures.length);
      underWay.push({ truth: truths[i], found: pool.detect(show(pictures[i])) });
      show(undefined);
      if (underWay.length === pool.parallel) await check();
    }
    while (underWay.length > 0) await check();
  });

  it('refuses a picture more than it can take, and ends behind those it has', async () => {
    await using small = await smallModel();
    const [picture] = await demoPictures(1);
    const pool = await openDetectorPool(small.model, { ...OPTIONS, copies: 1 });
    const begun = [0, 1].map(() => pool.detect(picture as YuvPicture));
    await expect(pool.detect(picture as YuvPicture)).rejects.toMatchObject({ code: 'INTERNAL' });
    const closed = pool.close();
    const [first, second] = await Promise.all(begun);
    expect(first).toEqual(second);
    await closed;
    await expect(pool.detect(picture as YuvPicture)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('says what is wrong with the model, and how to mend it', async () => {
    await using models = await temporaryModels();
    const path = await models.write('bad.onnx', 'no model');
    let inNative = 0;
    const native = { enter: () => (inNative = 1), leave: () => (inNative = 0) };
    await expect(openDetectorPool({ path }, { ...OPTIONS, copies: 2, native })).rejects.toMatchObject({
      code: 'BAD_MODEL',
      remedy: expect.stringContaining('stopsign models'),
    });
    expect(inNative).toBe(0);
  });
});
