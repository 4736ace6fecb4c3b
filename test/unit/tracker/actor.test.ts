/** The tracker room on real rings: what it sends, stores, keeps back and sheds. */
import { describe, expect, it } from 'vitest';
import { TrackerActor } from '../../../src/actors/tracker/actor.ts';
import { Outbox } from '../../../src/actors/tracker/outbox.ts';
import type { TrackerSettings } from '../../../src/actors/tracker/settings.ts';
import type { Site } from '../../../src/domain/types.ts';
import type { ServerMessage } from '../../../src/rpc/live.ts';
import { type DetectionsRecord, decodeRecord, encodeRecord, type Fact, RECORD } from '../../../src/rpc/records.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { StatusBoard, StatusRow } from '../../../src/shm/status-board.ts';

const site: Site = {
  name: 'test',
  units: 'km/h',
  timezone: 'UTC',
  image: { width: 640, height: 360 },
  stop_line: [
    [300, 300],
    [400, 300],
  ],
  approach: [
    [350, 50],
    [350, 300],
  ],
  stop_zone: [
    [300, 150],
    [400, 150],
    [400, 300],
    [300, 300],
  ],
  policy: { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 },
  vehicles: ['car'],
};
const settings: TrackerSettings = { camera: 'front', site, configVersion: 'v', modelSha256: null, firstTrackId: 5 };

function ring(capacity = 2 ** 18) {
  const memory = RecordRing.allocate({ capacity });
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  return { writer: new RecordRingWriter(memory, bell), reader: new RecordRingReader(memory) };
}

function read<T>(reader: RecordRingReader): T[] {
  const all: T[] = [];
  reader.drain((_type, payload) => all.push(decodeRecord<T>(payload)), Number.POSITIVE_INFINITY);
  return all;
}

function room(factBytes?: number, row = new StatusRow(StatusBoard.allocate(1), 0), own: Partial<TrackerSettings> = {}) {
  const detections = ring();
  const live = ring();
  const facts = ring(factBytes);
  let nowUs = 1_000_000;
  const actor = new TrackerActor(
    { ...settings, ...own },
    {
      name: 'tracker:front',
      detections: detections.reader,
      live: live.writer,
      facts: facts.writer,
      row,
      clock: { nowUs: () => (nowUs += 10) },
    },
  );
  const see = (frame: number, y: number) =>
    detections.writer.tryWrite(RECORD.detections, encodeRecord(record(frame, y)));
  const put = (payload: Uint8Array) => detections.writer.tryWrite(RECORD.detections, payload);
  return { actor, see, put, row, live: live.reader, facts: facts.reader };
}

/** A car in a picture twice as large as the site's image. */
const record = (frame: number, y: number): DetectionsRecord => ({
  camera: 'front',
  frame,
  epoch: 1,
  rtp: frame * 6_000,
  captureTsUs: 1_000_000 + (frame * 1e6) / 15,
  width: 1280,
  height: 720,
  detections: [{ bbox: [640, 2 * y - 80, 760, 2 * y], score: 0.9, class: 'car' }],
  stages: { received: 1, decoded: 2, inferred: 3 },
});

describe('the tracker room', () => {
  it('sends each frame with boxes in the site’s pixels, its identity and its stages', () => {
    const r = room();
    for (let i = 0; i < 4; i += 1) r.see(i, 60 + i);
    while (r.actor.doWork() > 0);
    const frames = read<ServerMessage>(r.live).filter((m) => m.type === 'frame');
    expect(frames).toHaveLength(4);
    expect(frames.at(-1)).toMatchObject({
      v: 1,
      frame: 3,
      epoch: 1,
      rtp: 18_000,
      raw_dimensions: { w: 1280, h: 720 },
      scaled_dimensions: { w: 640, h: 360 },
      tracks: [{ id: 5, bbox: [320, 23, 380, 63], class: 'car' }],
      stages: { received: 1, decoded: 2, inferred: 3 },
    });
    expect(r.row.snapshot()).toMatchObject({ in: 4, out: 4, gauge0: 6 });
  });

  it('tells frames, events and its row when pictures of another shape come, and when they are over', () => {
    const r = room();
    const at = (frame: number, height: number) => r.put(encodeRecord({ ...record(frame, 60), height }));
    at(0, 720);
    at(1, 960);
    at(2, 960);
    while (r.actor.doWork() > 0);
    expect(r.row.get('reshapedSinceUs')).toBe(Math.round(record(1, 0).captureTsUs));
    at(3, 720);
    while (r.actor.doWork() > 0);
    expect(r.row.get('reshapedSinceUs')).toBe(0);
    const messages = read<ServerMessage>(r.live);
    const sentence = expect.stringContaining('pictures of 1280 × 960: another shape than the 640 × 360');
    expect(messages.flatMap((m) => (m.type === 'frame' ? [m.view?.sentence] : []))).toEqual([
      undefined,
      sentence,
      sentence,
      undefined,
    ]);
    const facts = read<Fact>(r.facts).flatMap((fact) => (fact.kind === 'event' ? [fact.event] : []));
    const told = messages.flatMap((m) => (m.type === 'event' ? [m.event] : []));
    expect(facts.map(({ type }) => type)).toEqual(['picture_reshaped', 'picture_reshaped']);
    expect(told).toEqual(facts);
  });

  it('stores every frame as the detector saw it', () => {
    const r = room();
    r.see(0, 60);
    while (r.actor.doWork() > 0);
    expect(read<Fact>(r.facts).find((fact) => fact.kind === 'frame')).toEqual({ kind: 'frame', record: record(0, 60) });
  });

  it('tells with every track under which calibration it was followed, where that is known', () => {
    const tracksOf = (own: Partial<TrackerSettings>) => {
      const r = room(undefined, undefined, own);
      for (let i = 0; i < 80; i += 1) r.see(i, 60 + i);
      while (r.actor.doWork() > 0);
      return read<Fact>(r.facts).flatMap((fact) => (fact.kind === 'track' ? [fact.track] : []));
    };
    const told = tracksOf({ calibration: 'here' });
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ calibration }) => calibration === 'here')).toBe(true);
    expect(tracksOf({}).some((track) => 'calibration' in track)).toBe(false);
  });

  it('passes over a damaged record, counts it, and goes on with the next', () => {
    const r = room();
    r.see(0, 60);
    r.put(Buffer.from('\xff\xff"frame":1}', 'latin1'));
    r.put(encodeRecord({ ...record(2, 60), captureTsUs: null }));
    r.put(encodeRecord({ ...record(3, 60), detections: [{ bbox: [1, 2, null, 4], score: 1, class: 'car' }] }));
    r.put(Buffer.from('null'));
    r.see(4, 61);
    while (r.actor.doWork() > 0);
    expect(r.row.snapshot()).toMatchObject({ in: 2, out: 2, errors: 4 });
  });

  it('goes on with the ids of a predecessor that died', () => {
    const first = room();
    for (let i = 0; i < 4; i += 1) first.see(i, 60);
    while (first.actor.doWork() > 0);
    const second = room(undefined, first.row);
    for (let i = 0; i < 4; i += 1) second.see(i, 60);
    while (second.actor.doWork() > 0);
    const ids = read<ServerMessage>(second.live).flatMap((m) => (m.type === 'frame' ? m.tracks.map((t) => t.id) : []));
    expect(new Set(ids)).toEqual(new Set([6]));
  });

  it('tells of unfinished passes and open tracks when it closes', () => {
    const r = room();
    for (let i = 0; i < 30; i += 1) r.see(i, 60 + i * 6);
    while (r.actor.doWork() > 0);
    read(r.facts);
    r.actor.onClose();
    const facts = read<Fact>(r.facts);
    expect(facts.some((fact) => fact.kind === 'event' && fact.event.type === 'pass' && !fact.event.complete)).toBe(
      true,
    );
    expect(facts.some((fact) => fact.kind === 'track' && fact.track.ended)).toBe(true);
  });

  it('sheds single frames, and never events, when nobody takes the facts', () => {
    const r = room(4_096);
    for (let i = 0; i < 60; i += 1) {
      r.see(i, 60 + i * 4);
      r.actor.doWork();
    }
    expect(r.row.get('dropped')).toBeGreaterThan(0);
    const facts: Fact[] = [];
    for (let n = -1; n !== facts.length; ) {
      n = facts.length;
      facts.push(...read<Fact>(r.facts));
      r.actor.doWork();
    }
    expect(
      facts.filter((fact) => fact.kind === 'event').map((fact) => fact.kind === 'event' && fact.event.type),
    ).toContain('zone_entered');
  });
});

describe('the outbox', () => {
  const event = (n: number): Fact => ({
    kind: 'event',
    event: { type: 'stopped', id: `e${n}`, camera: 'front', track_id: n, vehicle: 'car', ts_utc: n },
  });

  it('keeps order over a full ring and says when it can take no more', () => {
    const facts = ring(1_024);
    const outbox = new Outbox(facts.writer);
    for (let n = 0; n < 1_010; n += 1) outbox.put(event(n));
    expect(outbox.isFull).toBe(true);
    const ids: string[] = [];
    while (outbox.length > 0) {
      outbox.flush();
      ids.push(...read<Fact>(facts.reader).map((fact) => (fact.kind === 'event' ? fact.event.id : '')));
    }
    expect(ids).toEqual(Array.from({ length: 1_010 }, (_, n) => `e${n}`));
  });

  it('sends a pass that is too large for the ring without what it was judged on', () => {
    const facts = ring(2 ** 12);
    const outbox = new Outbox(facts.writer);
    const rows = Array.from({ length: 200 }, (_, i) => [i, 1, 2, 3, 4, 0.9, 0] as const);
    const image = { width: 1, height: 1 };
    const evidence = { v: 1, vehicle: 'car', ending: 'crossed', isSuspended: false, image, rows } as const;
    outbox.put({ ...event(1), evidence } as Fact);
    expect(read<Fact>(facts.reader)).toEqual([event(1)]);
  });
});
