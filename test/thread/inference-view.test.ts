/** The inference room's look at the view, by hand: real rings and disk, a detector that finds nothing. */
import { join } from 'node:path';
import pino from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { InferenceActor } from '../../src/actors/inference/actor.ts';
import type { InferenceSettings } from '../../src/actors/inference/settings.ts';
import type { Room } from '../../src/actors/runtime/room.ts';
import type { LumaPlane } from '../../src/domain/view-watch/luma-grid.ts';
import { type DetectionsRecord, decodeRecord } from '../../src/rpc/records.ts';
import { Bell } from '../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../src/shm/frame-ring.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../src/shm/record-ring.ts';
import { StatusBoard } from '../../src/shm/status-board.ts';
import { ViewFile } from '../../src/store/view-file.ts';
import { temporaryDir } from '../support/postgres.ts';
import { demoPicture, half, moved } from '../support/view-pictures.ts';

const CAMERAS = ['front', 'back'];
let view: LumaPlane;
let knocked: LumaPlane;
beforeAll(async () => {
  view = half(await demoPicture());
  knocked = moved(view, { dx: 20 });
});

function open(dir: string) {
  const bells = new SharedArrayBuffer(Bell.bytesFor(2));
  const [own, other] = [new Bell(bells, 0), new Bell(bells, 1)];
  const board = new StatusBoard(StatusBoard.allocate(1), ['inference']);
  const memory = new Map<string, SharedArrayBuffer>();
  for (const camera of CAMERAS) {
    memory.set(`frames:${camera}`, FrameRing.allocate({ slots: 4, maxWidth: 640, maxHeight: 360, policy: 'lossless' }));
    memory.set(`detections:${camera}`, RecordRing.allocate({ capacity: 65_536 }));
  }
  const ring = (name: string) => memory.get(name) as SharedArrayBuffer;
  const room: Room<InferenceSettings> = {
    ...{ name: 'inference', generation: 1, row: board.row('inference'), board, bell: own },
    settings: { cameras: CAMERAS, model: { path: 'in-memory' }, minScore: 0.25, nmsIou: 0.5, threads: 1 },
    log: pino({ level: 'silent' }),
    clock: { nowUs: () => 1 },
    reads: CAMERAS.map((camera) => `frames:${camera}`),
    writes: CAMERAS.map((camera) => `detections:${camera}`),
    frameReader: (name) => new FrameRingReader(ring(name), other),
    recordWriter: (name) => new RecordRingWriter(ring(name), other),
    frameWriter: () => expect.unreachable(),
    recordReader: () => expect.unreachable(),
  };
  const actor = new InferenceActor(room, {
    openDetector: async () => ({ detect: async () => [], close: async () => {} }),
    viewMemory: (camera) =>
      new ViewFile({ path: join(dir, `${camera}.json`), version: 'v', onProblem: () => expect.unreachable() }),
  });
  const writers = new Map(CAMERAS.map((name) => [name, new FrameRingWriter(ring(`frames:${name}`), own)]));
  const readers = new Map(CAMERAS.map((name) => [name, new RecordRingReader(ring(`detections:${name}`))]));
  let frame = 0;
  /** Shows a camera a picture at a time of capture, UTC s; gives the record that leaves the room. */
  const show = async (camera: string, picture: LumaPlane, tsUtc: number): Promise<DetectionsRecord> => {
    const writer = writers.get(camera) as FrameRingWriter;
    const { width, height } = picture;
    const times = { captureTsUs: tsUtc * 1e6, ptsUs: 0, receivedUs: 0, decodedUs: 0 };
    const slot = writer.tryClaim({ frame: frame++, epoch: 1, rtp: frame, width, height, fullRange: false, ...times });
    slot?.y.set(picture.y);
    writer.commit();
    await actor.doWork();
    const records: DetectionsRecord[] = [];
    readers.get(camera)?.drain((_, payload) => records.push(decodeRecord(payload)), 10);
    expect(records).toHaveLength(1);
    return records[0] as DetectionsRecord;
  };
  return { actor, show };
}

describe('the inference room', () => {
  it('looks once a second of capture time at each camera, and says it with the frame', async () => {
    const { actor, show } = open(temporaryDir());
    await actor.onStart();
    const states: (string | undefined)[] = [];
    for (let i = 0; i < 60; i++) states.push((await show('front', view, 100 + i / 10)).view?.state);
    expect(states.filter((state) => state !== undefined)).toEqual([...Array(4).fill('learning'), 'steady', 'steady']);
    expect((await show('back', view, 100)).view).toEqual({ state: 'learning' });
  });

  it('says with every frame that a view is suspended, over its own restart, until it is confirmed', async () => {
    const dir = temporaryDir();
    const first = open(dir);
    await first.actor.onStart();
    for (let t = 0; t < 6; t++) await first.show('front', view, 100 + t);
    for (let t = 0; t < 8; t++) await first.show('front', knocked, 110 + t);
    const { view: found } = await first.show('front', knocked, 117.1);
    expect(found).toMatchObject({
      state: 'moved',
      suspension: { sinceUtc: 110, shiftPx: [expect.closeTo(20, 0), expect.closeTo(0, 0)] },
    });
    await first.actor.onClose();

    const second = open(dir);
    await second.actor.onStart();
    expect((await second.show('front', knocked, 200)).view).toEqual(found);
    await second.actor.commands.confirmView({ camera: 'front' });

    const third = open(dir);
    await third.actor.onStart();
    const resumed = (await third.show('front', knocked, 300)).view;
    expect(resumed).toMatchObject({ state: 'learning', ended: { kind: 'moved', how: 'confirmed', untilUtc: 200 } });
    for (let t = 1; t < 20; t++) await third.show('front', knocked, 300 + t);
    expect((await third.show('front', knocked, 320)).view?.state).toBe('steady');
  });

  it('knows only the cameras it serves', async () => {
    const { actor } = open(temporaryDir());
    await actor.onStart();
    await expect(actor.commands.confirmView({ camera: 'nobody' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(actor.commands.confirmView(null)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
