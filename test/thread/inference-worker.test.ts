/** The compiled inference room on its own thread, with the model that every machine with the npm packages can have. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { InferenceSettings } from '../../src/actors/inference/settings.ts';
import { inferenceSpec } from '../../src/actors/inference/spec.ts';
import type { RingHandle } from '../../src/actors/runtime/room-data.ts';
import { RoomThread } from '../../src/actors/runtime/room-thread.ts';
import { readManifest } from '../../src/models/manifest.ts';
import { resolveModel } from '../../src/models/resolve.ts';
import { type DetectionsRecord, decodeRecord } from '../../src/rpc/records.ts';
import { Bell } from '../../src/shm/bell.ts';
import { FrameRing, FrameRingWriter } from '../../src/shm/frame-ring.ts';
import { RecordRing, RecordRingReader } from '../../src/shm/record-ring.ts';
import { StatusBoard } from '../../src/shm/status-board.ts';
import { yuvFrames } from '../integration/models/yuv-frames.ts';
import { projectRoot } from '../support/shared.ts';
import { until } from '../support/until.ts';
import { temporaryModels } from '../unit/models/temporary-models.ts';

const NAMES = ['inference', 'test'];
const entry = pathToFileURL(join(projectRoot(), 'dist/actors/inference/worker.js'));

function openRoomThread(path: string) {
  const settings: InferenceSettings = { cameras: ['demo'], model: { path }, minScore: 0.25, nmsIou: 0.5, threads: 1 };
  const board = StatusBoard.allocate(NAMES.length);
  const bells = new SharedArrayBuffer(Bell.bytesFor(NAMES.length));
  const frames = FrameRing.allocate({ slots: 4, maxWidth: 1280, maxHeight: 720, policy: 'lossless' });
  const detections = RecordRing.allocate({ capacity: 65_536 });
  const rings: RingHandle[] = [
    { name: 'frames:demo', kind: 'frames', memory: frames, writer: 'test', reader: 'inference' },
    { name: 'detections:demo', kind: 'records', memory: detections, writer: 'inference', reader: 'test' },
  ];
  const { name, reads, writes } = inferenceSpec(settings);
  const thread = new RoomThread(entry, {
    ...{ name, generation: 1, settings, reads, writes },
    ...{ board, bells, names: NAMES, rings, supervisor: null },
  });
  const row = new StatusBoard(board, NAMES).row('inference');
  const stop = () => thread.stop(5_000, () => row.get('inNative') === 1);
  return {
    thread,
    row,
    stop,
    writer: new FrameRingWriter(frames, new Bell(bells, 0)),
    reader: new RecordRingReader(detections, new Bell(bells, 0)),
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

describe('the inference room on its thread', () => {
  it('finds the cars of the demo clip, frame by frame, and stops when asked', async () => {
    await using models = await temporaryModels();
    const manifest = await readManifest(join(projectRoot(), 'models'));
    const model = await resolveModel({ use: 'centernet-mobilenetv3', modelsDir: models.dir, env: {}, manifest });
    const range = { width: 1280, height: 720, first: 1230, last: 1250, step: 10 };
    const pictures = await yuvFrames(join(projectRoot(), 'demo/demo.mp4'), range);
    await using room = openRoomThread(model.path);
    await room.thread.ready;
    for (const [frame, { width, height, fullRange, y, u, v }] of pictures.entries()) {
      const times = { captureTsUs: 1, ptsUs: 1, receivedUs: 1, decodedUs: 1 };
      const slot = room.writer.tryClaim({ frame, epoch: 1, rtp: 90 * frame, width, height, fullRange, ...times });
      slot?.y.set(y);
      slot?.u.set(u);
      slot?.v.set(v);
      room.writer.commit();
    }
    const records: DetectionsRecord[] = [];
    const drain = () => room.reader.drain((_, payload) => records.push(decodeRecord(payload)), 10);
    await until(() => drain() >= 0 && records.length === pictures.length, { what: 'all records', timeoutMs: 20_000 });
    expect(records.map(({ frame }) => frame)).toEqual([0, 1, 2]);
    for (const { detections } of records) {
      const cars = detections.filter((each) => each.class === 'car' && each.score >= 0.25);
      expect(cars.length).toBeGreaterThanOrEqual(2);
    }
    expect(room.row.snapshot()).toMatchObject({ state: 'running', in: 3, out: 3, skipped: 0, inNative: 0 });
    expect(await room.stop()).toBe('stopped');
    expect(await room.thread.ended).toMatchObject({ exitCode: 0, error: null });
  });

  it('does not start with a file that is no model, and says why', async () => {
    await using models = await temporaryModels();
    const path = await models.write('bad.onnx', 'no model');
    await using room = openRoomThread(path);
    await expect(room.thread.ready).rejects.toMatchObject({
      code: 'BAD_MODEL',
      remedy: expect.stringContaining('stopsign models'),
    });
    expect(room.row.get('inNative')).toBe(0);
  });
});
