/** What a tracker leaves to its successor: asked to stop, ended in the middle of a frame, with facts still waiting. */
import { describe, expect, it } from 'vitest';
import { TrackerActor } from '../../../src/actors/tracker/actor.ts';
import { TrackerMemory } from '../../../src/actors/tracker/memory.ts';
import type { TrackerSurroundings } from '../../../src/actors/tracker/ports.ts';
import { createAnalyzer } from '../../../src/domain/site-analyzer.ts';
import { snapshotAnalyzer } from '../../../src/domain/snapshot/analyzer-snapshot.ts';
import type { StopsignEvent } from '../../../src/domain/types.ts';
import { type DetectionsRecord, decodeRecord, encodeRecord, type Fact, RECORD } from '../../../src/rpc/records.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { StatusBoard, StatusRow } from '../../../src/shm/status-board.ts';
import { observe } from '../../../src/sim/observe.ts';
import { loadScenario } from '../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../src/sim/site-of.ts';

const scenario = loadScenario('queue-of-two');
const site = siteOf(scenario);
const settings = { camera: 'front', site, configVersion: 'v', modelSha256: null, firstTrackId: 1 };
const recording = [...observe(scenario, { fps: 10, noisePx: 0.5, seed: 3 })].map(
  ({ tsUtc, frame, detections }): DetectionsRecord => ({
    camera: 'front',
    frame,
    epoch: 1,
    rtp: Math.round(tsUtc * 90_000) >>> 0,
    captureTsUs: Math.round(tsUtc * 1e6),
    ...site.image,
    detections,
    stages: { received: 0, decoded: 0 },
  }),
);

function ring(capacity: number) {
  const memory = RecordRing.allocate({ capacity });
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  return { writer: new RecordRingWriter(memory, bell), reader: new RecordRingReader(memory) };
}

/** The shared memory of a camera, and as many trackers in it one after the other as wanted. */
function place({ factBytes = 2 ** 22, memoryBytes = 2 ** 22 } = {}) {
  const rings = { detections: ring(2 ** 22), live: ring(2 ** 20), facts: ring(factBytes), memory: ring(memoryBytes) };
  const row = new StatusRow(StatusBoard.allocate(1), 0);
  const said: string[] = [];
  const facts: Fact[] = [];
  let isClosing = false;
  const open = (over: Partial<TrackerSurroundings> = {}) =>
    new TrackerActor(settings, {
      name: 'tracker:front',
      detections: rings.detections.reader,
      live: rings.live.writer,
      facts: rings.facts.writer,
      row,
      clock: { nowUs: () => 0 },
      memory: new TrackerMemory(rings.memory.reader, rings.memory.writer),
      isHouseClosing: () => isClosing,
      onRecall: (words) => said.push(words),
      ...over,
    });
  return {
    rings,
    row,
    said,
    open,
    feed: (records: readonly DetectionsRecord[]) => {
      for (const record of records) rings.detections.writer.tryWrite(RECORD.detections, encodeRecord(record));
    },
    takeFacts: () => rings.facts.reader.drain((_type, payload) => facts.push(decodeRecord<Fact>(payload)), 1e9),
    closeHouse: () => {
      isClosing = true;
    },
    events: (): StopsignEvent[] => facts.flatMap((fact) => (fact.kind === 'event' ? [fact.event] : [])),
  };
}

function work(actor: TrackerActor, after = () => {}): void {
  while (actor.doWork() > 0) after();
}

function undisturbed(): StopsignEvent[] {
  const p = place();
  const actor = p.open();
  p.feed(recording);
  work(actor);
  p.closeHouse();
  actor.onClose();
  p.takeFacts();
  return p.events();
}

const half = Math.floor(recording.length * 0.55);

describe('a tracker and its successor', () => {
  it('give the events of one, when the first is asked to stop', () => {
    const p = place();
    const first = p.open();
    p.feed(recording.slice(0, half));
    work(first);
    first.onClose();
    const second = p.open();
    expect(p.said[0]).toMatch(/^goes on where its predecessor ended: [1-9]/);
    p.feed(recording.slice(half));
    work(second);
    p.closeHouse();
    second.onClose();
    p.takeFacts();
    expect(p.events()).toEqual(undisturbed());
    expect(p.events().some(({ type }) => type === 'pass')).toBe(true);
  });

  it.each(['before', 'after'] as const)('give the events of one, when the first dies %s it told of a frame', (when) => {
    const p = place();
    const { writer } = p.rings.live;
    const dying = Object.create(writer) as RecordRingWriter;
    let frames = 0;
    dying.tryWrite = (type, payload) => {
      frames += 1;
      if (frames > half && when === 'before') throw new Error('dies');
      return writer.tryWrite(type, payload);
    };
    const first = p.open({ live: dying });
    if (when === 'after') {
      const reader = p.rings.detections.reader;
      const drain = reader.drain.bind(reader);
      // The thread ends when all is told and noted, and before the ring knows that the frame was read.
      reader.drain = (handler, limit) =>
        drain((type, payload) => {
          handler(type, payload);
          if (frames > half) throw new Error('dies');
        }, limit);
      p.feed(recording);
      expect(() => work(first)).toThrow('dies');
      reader.drain = drain;
    } else {
      p.feed(recording);
      expect(() => work(first)).toThrow('dies');
    }
    const second = p.open();
    work(second);
    p.closeHouse();
    second.onClose();
    p.takeFacts();
    expect(p.events()).toEqual(undisturbed());
  });

  it('lose no event that still waited for room, and say none under another id', () => {
    const p = place({ factBytes: 2 ** 17 });
    let actor = p.open();
    p.feed(recording);
    let turns = 0;
    let killedWithFactsWaiting = 0;
    while (actor.doWork() > 0 || p.takeFacts() > 0) {
      turns += 1;
      // Nobody takes facts for long; then the thread is killed, and killed again.
      if (turns % 7 === 0) {
        if (p.row.get('waiting') > 0) killedWithFactsWaiting += 1;
        actor = p.open();
      }
      if (turns % 16 === 0) p.takeFacts();
    }
    expect(killedWithFactsWaiting).toBeGreaterThan(0);
    p.closeHouse();
    actor.onClose();
    for (let n = 0; n < 1_000 && p.takeFacts() > 0; n++) actor.doWork();
    const all = p.events();
    const once = [...new Map(all.map((event) => [event.id, event])).values()];
    expect(once).toHaveLength(undisturbed().length);
    expect(new Set(once.map((event) => JSON.stringify(event)))).toEqual(
      new Set(undisturbed().map((event) => JSON.stringify(event))),
    );
  });

  it('leave all that was left to them, when they are killed before they could say any of it', () => {
    const p = place({ factBytes: 2 ** 17 });
    const first = p.open();
    p.feed(recording);
    // Nobody takes facts any more: the first ends with some waiting, and so do all that follow.
    while (first.doWork() > 0);
    for (let n = 0; n < 200 && p.row.get('waiting') === 0; n++) first.doWork();
    const left = new TrackerMemory(p.rings.memory.reader, p.rings.memory.writer).recall();
    for (let kill = 0; kill < 3; kill++) {
      const next = p.open();
      expect(p.said.at(-1)).toMatch(/^goes on where its predecessor ended/);
      for (let turn = 0; turn < 3; turn++) next.doWork();
      const still = new TrackerMemory(p.rings.memory.reader, p.rings.memory.writer).recall();
      expect(still?.frames.at(-1)?.place).toBeGreaterThanOrEqual(left?.frames.at(-1)?.place ?? 0);
    }
    const last = p.open();
    for (let n = 0; n < 2_000 && (p.takeFacts() > 0 || last.doWork() > 0); n++) last.doWork();
    p.closeHouse();
    last.onClose();
    for (let n = 0; n < 1_000 && p.takeFacts() > 0; n++) last.doWork();
    const once = [...new Map(p.events().map((event) => [event.id, event])).values()];
    expect(new Set(once.map((event) => JSON.stringify(event)))).toEqual(
      new Set(undisturbed().map((event) => JSON.stringify(event))),
    );
  });

  it('begin anew when the memory is too small, and with ids that were never given', () => {
    const p = place({ memoryBytes: 2 ** 10 });
    const first = p.open();
    p.feed(recording.slice(0, half));
    work(first);
    const given = p.row.get('gauge0');
    expect(given).toBeGreaterThan(1);
    const second = p.open();
    p.feed(recording.slice(half));
    work(second);
    p.takeFacts();
    const ids = p.events().flatMap((event) => ('track_id' in event ? [event.track_id] : []));
    expect(Math.max(...ids)).toBeGreaterThanOrEqual(given);
  });

  it('begin anew, and say so, when what was left cannot be used', () => {
    const p = place();
    const memory = new TrackerMemory(p.rings.memory.reader, p.rings.memory.writer);
    memory.save({ ...snapshotAnalyzer(createAnalyzer(settings)), configVersion: 'another' });
    p.open();
    expect(p.said).toEqual([expect.stringContaining('begins anew')]);
  });
});

describe('the memory', () => {
  it('keeps what it recalls until something newer replaces it, however often it is asked', () => {
    const { reader, writer } = ring(2 ** 16);
    const memory = new TrackerMemory(reader, writer);
    memory.save(snapshotAnalyzer(createAnalyzer(settings)));
    memory.note(encodeRecord(recording[0] as DetectionsRecord));
    const first = new TrackerMemory(reader, writer);
    const left = first.recall();
    expect(left?.frames).toHaveLength(1);
    // Killed here: its successor finds the same, and what the dead one noted behind it.
    expect(new TrackerMemory(reader, writer).recall()).toEqual(left);
    first.note(encodeRecord(recording[1] as DetectionsRecord));
    const second = new TrackerMemory(reader, writer);
    expect(second.recall()?.frames.map(({ record }) => record)).toEqual(recording.slice(0, 2));
    second.save(snapshotAnalyzer(createAnalyzer(settings)));
    expect(new TrackerMemory(reader, writer).recall()?.frames).toEqual([]);
    second.forget();
    expect(new TrackerMemory(reader, writer).recall()).toBeNull();
  });

  it('holds one snapshot and the frames after it, however long it is used', () => {
    const { reader, writer } = ring(2 ** 16);
    const memory = new TrackerMemory(reader, writer);
    const snapshot = snapshotAnalyzer(createAnalyzer(settings));
    memory.save(snapshot);
    for (let n = 0; n < 5_000; n++) {
      memory.note(encodeRecord(recording[n % recording.length] as DetectionsRecord));
      if (memory.isDue) memory.save(snapshot);
      expect(reader.bytesInRing).toBeLessThanOrEqual(2 ** 16);
    }
    const left = new TrackerMemory(reader, writer).recall();
    expect(left?.snapshot).toEqual(snapshot);
    const last = left?.frames.at(-1);
    expect(last?.record).toEqual(recording[4_999 % recording.length]);
    expect(last?.place).toBe(memory.written);
  });
});
