/** Both detectors of the manifest on real pictures: they find the cars that are there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Box, Detection } from '../../../src/domain/types.ts';
import { resolveModel } from '../../../src/models/resolve.ts';
import { iou } from '../../../src/vision/candidate.ts';
import { type Detector, openDetector } from '../../../src/vision/detector.ts';
import type { YuvPicture } from '../../../src/vision/picture.ts';
import { projectRoot, sharedDir } from '../../support/shared.ts';
import { temporaryModels } from '../../unit/models/temporary-models.ts';
import { yuvFrames } from './yuv-frames.ts';

const shared = sharedDir();

interface ReferenceBox {
  readonly frame: number;
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly x2: number;
  readonly y2: number;
}

describe.skipIf(!shared)('on real footage', () => {
  const data = join(shared ?? '', 'data');
  const video = (name: string): string => join(data, 'video', name);
  let passing: { pictures: YuvPicture[]; boxes: Box[] };
  let queue: YuvPicture[];

  beforeAll(async () => {
    passing = await passingCar(data);
    const range = { width: 640, height: 352, first: 100, last: 160, step: 30 };
    queue = await yuvFrames(video('intersection-queue.mp4'), range);
  });

  it.each([
    ['yolox-nano', 35],
    ['centernet-mobilenetv3', 35],
  ])('%s finds the passing car in at least %i of its 41 reference boxes', async (name, atLeast) => {
    await using detector = await open(name, data);
    let hits = 0;
    for (const [i, box] of passing.boxes.entries()) {
      const detections = await detector.detect(passing.pictures[i] as YuvPicture);
      if (cars(detections).some(({ bbox }) => iou(bbox, box) >= 0.5)) hits += 1;
    }
    expect(passing.boxes).toHaveLength(41);
    expect(hits).toBeGreaterThanOrEqual(atLeast);
  });

  it.each(['yolox-nano', 'centernet-mobilenetv3'])('%s sees the queue and the parked car', async (name) => {
    await using detector = await open(name, data);
    const queueArea: Box = [340, 120, 430, 175];
    const parked: Box = [597, 147, 639, 190];
    for (const picture of queue) {
      const detections = await detector.detect(picture);
      const seen = cars(detections);
      expect(seen.length).toBeGreaterThanOrEqual(5);
      expect(seen.filter(({ bbox }) => inside(bbox, queueArea)).length).toBeGreaterThanOrEqual(1);
      expect(seen.filter(({ bbox }) => iou(bbox, parked) >= 0.7)).toHaveLength(1);
      for (const { bbox, score } of detections) {
        expect(score).toBeGreaterThanOrEqual(0.1);
        expect(inside(bbox, [0, 0, 640, 352])).toBe(true);
      }
    }
    expect(queue).toHaveLength(3);
  });
});

async function open(name: string, data: string): Promise<Detector> {
  await using models = await temporaryModels();
  const env = { STOPSIGN_MODELS_DIR: join(data, 'models') };
  const manifestDir = join(projectRoot(), 'models');
  const model = await resolveModel({
    use: name,
    modelsDir: models.dir,
    env,
    manifest: await models.manifest(manifestDir),
  });
  const known = { path: model.path, family: model.family ?? undefined, input: model.input ?? undefined };
  return await openDetector(known, { threads: 1, minScore: 0.1, nmsIou: 0.5 });
}

/** The reference's frame n is the video's frame 2n. */
async function passingCar(data: string): Promise<{ pictures: YuvPicture[]; boxes: Box[] }> {
  const text = await readFile(join(data, 'mot/stop-sign/stop-sign-residential.yolov8x.json'), 'utf8');
  const rows = (JSON.parse(text) as ReferenceBox[]).filter(({ id }) => id === 1);
  const first = Math.min(...rows.map(({ frame }) => frame));
  const last = Math.max(...rows.map(({ frame }) => frame));
  const path = join(data, 'video/stop-sign-residential.mp4');
  const all = await yuvFrames(path, { width: 512, height: 288, first: first * 2, last: last * 2, step: 2 });
  return {
    pictures: rows.map(({ frame }) => all[frame - first] as YuvPicture),
    boxes: rows.map(({ x, y, x2, y2 }) => [x, y, x2, y2] as const),
  };
}

function cars(detections: readonly Detection[]): Detection[] {
  return detections.filter((each) => each.score >= 0.25 && ['car', 'truck', 'bus'].includes(each.class));
}

function inside(box: Box, area: Box): boolean {
  return box[0] >= area[0] && box[1] >= area[1] && box[2] <= area[2] && box[3] <= area[3];
}
