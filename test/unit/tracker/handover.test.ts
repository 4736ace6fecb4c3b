/** One process ends, in order or not, and another goes on: what becomes of the vehicles that were in view. */
import { describe, expect, it } from 'vitest';
import { TrackerActor } from '../../../src/actors/tracker/actor.ts';
import { TrackerMemory } from '../../../src/actors/tracker/memory.ts';
import type { StateKeeper } from '../../../src/actors/tracker/ports.ts';
import type { AnalyzerSnapshot } from '../../../src/domain/snapshot/analyzer-snapshot.ts';
import type { PassEvent, StopsignEvent } from '../../../src/domain/types.ts';
import { type DetectionsRecord, decodeRecord, encodeRecord, type Fact, RECORD } from '../../../src/rpc/records.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { StatusBoard, StatusRow } from '../../../src/shm/status-board.ts';
import { observe } from '../../../src/sim/observe.ts';
import { loadScenario } from '../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../src/sim/site-of.ts';

const START_UTC = 1_700_000_000;
const scenario = loadScenario('queue-of-two');
const site = siteOf(scenario);
const settings = { camera: 'front', site, configVersion: 'v', modelSha256: null, firstTrackId: 1 };
const recording = [...observe(scenario, { fps: 10, noisePx: 0.5, seed: 3, startUtc: START_UTC })].map(
  ({ tsUtc, frame, detections }): DetectionsRecord => ({
    camera: 'front',
    frame,
    epoch: 1,
    rtp: frame,
    captureTsUs: Math.round(tsUtc * 1e6),
    ...site.image,
    detections,
    stages: { received: 0, decoded: 0 },
  }),
);
const between = (from: number, to: number) =>
  recording.filter(
    ({ captureTsUs }) => captureTsUs >= (START_UTC + from) * 1e6 && captureTsUs < (START_UTC + to) * 1e6,
  );

function ring(capacity: number) {
  const memory = RecordRing.allocate({ capacity });
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  return { writer: new RecordRingWriter(memory, bell), reader: new RecordRingReader(memory) };
}

/** A disk in memory, which takes as long as it is told to. */
class Disk implements StateKeeper {
  saved: { savedUs: number; text: string } | null = null;
  writes = 0;
  isBusy = false;
  read() {
    return this.saved && { savedUs: this.saved.savedUs, snapshot: JSON.parse(this.saved.text) as AnalyzerSnapshot };
  }
  write(snapshot: AnalyzerSnapshot, savedUs: number): number {
    this.writes += 1;
    const text = JSON.stringify(snapshot);
    this.saved = { savedUs, text };
    return text.length;
  }
  writeLast(snapshot: AnalyzerSnapshot, savedUs: number): void {
    this.write(snapshot, savedUs);
  }
  idle = async () => {};
}

/** Processes one after the other: new rings for each, the same disk, one camera. The clock is the frames' own. */
function host() {
  const disk = new Disk();
  const told: StopsignEvent[] = [];
  const said: string[] = [];
  let nowUs = START_UTC * 1e6;
  let isPersisterStuck = false;
  const start = (over: Partial<typeof settings> = {}, factsBytes = 2 ** 23) => {
    const rings = { detections: ring(2 ** 22), live: ring(2 ** 22), facts: ring(factsBytes), memory: ring(2 ** 22) };
    let isClosing = false;
    const actor = new TrackerActor(
      { ...settings, ...over },
      {
        name: 'tracker:front',
        detections: rings.detections.reader,
        live: rings.live.writer,
        facts: rings.facts.writer,
        row: new StatusRow(StatusBoard.allocate(1), 0),
        clock: { nowUs: () => nowUs },
        memory: new TrackerMemory(rings.memory.reader, rings.memory.writer),
        keeper: disk,
        isHouseClosing: () => isClosing,
        onRecall: (words) => said.push(words),
      },
    );
    const takeFacts = () =>
      isPersisterStuck ||
      rings.facts.reader.drain((_type, payload) => {
        const fact = decodeRecord<Fact>(payload);
        if (fact.kind === 'event') told.push(fact.event);
      }, 1e9);
    takeFacts();
    return {
      film: (records: readonly DetectionsRecord[]) => {
        for (const record of records) {
          nowUs = record.captureTsUs;
          rings.detections.writer.tryWrite(RECORD.detections, encodeRecord(record));
          while (actor.doWork() > 0);
          takeFacts();
        }
      },
      /** In order. Not calling it is being killed. */
      close: async () => {
        isClosing = true;
        await actor.onClose();
        takeFacts();
      },
    };
  };
  return {
    disk,
    told,
    said,
    start,
    stickPersister: (isStuck: boolean) => {
      isPersisterStuck = isStuck;
    },
    wait: (seconds: number) => {
      nowUs += seconds * 1e6;
    },
    passes: () => told.filter((event): event is PassEvent => event.type === 'pass'),
  };
}

async function whole(): Promise<PassEvent[]> {
  const h = host();
  const process = h.start();
  process.film(recording);
  await process.close();
  return h.passes();
}

describe('over the end of a process', () => {
  it.each([
    ['killed', 8],
    ['killed', 11],
    ['killed', 13],
    ['killed', 16],
    ['ended in order', 8],
    ['ended in order', 11],
    ['ended in order', 16],
  ])('that is %s after %s s, every vehicle in view is told of once', async (how, at) => {
    const expected = await whole();
    expect(expected).toHaveLength(2);
    const h = host();
    const first = h.start();
    first.film(between(0, at));
    if (how !== 'killed') await first.close();
    const second = h.start();
    second.film(between(at + 2.5, 100));
    await second.close();
    expect(h.said.at(-1)).toMatch(/^goes on where the last process ended \d\.\d s ago: [1-9] tracks$/);
    const passes = h.passes();
    expect(passes.map(({ track_id }) => track_id).sort()).toEqual(expected.map(({ track_id }) => track_id).sort());
    expect(new Set(h.told.map(({ id }) => id)).size).toBe(h.told.length);
    for (const pass of passes) {
      const truth = expected.find(({ track_id }) => track_id === pass.track_id);
      expect(['indeterminate', truth?.verdict]).toContain(pass.verdict);
    }
  });

  it('that told of a pass after it had last written, the next tells of it under the same id', () => {
    const h = host();
    const first = h.start();
    first.film(between(0, 13));
    h.disk.isBusy = true;
    first.film(between(13, 15));
    const [told, ...others] = h.passes() as [PassEvent, ...PassEvent[]];
    expect(others).toEqual([]);
    h.disk.isBusy = false;
    h.start().film(between(19, 100));
    const again = h.passes().filter(({ track_id }) => track_id === told.track_id);
    expect(again.map(({ complete }) => complete)).toEqual([true, false]);
    expect(new Set(again.map(({ id }) => id)).size).toBe(1);
  });

  it('too long ago, who was under way is told of as incomplete, and ids go on', () => {
    const h = host();
    h.start().film(between(0, 11));
    expect(h.passes()).toEqual([]);
    h.wait(300);
    h.start();
    expect(h.said.at(-1)).toMatch(
      /^begins anew: what the last process left is 30[01] s old; [12] of its passes were under way$/,
    );
    expect(h.passes().length).toBeGreaterThan(0);
    for (const pass of h.passes()) {
      expect(pass).toMatchObject({ complete: false });
      expect(pass.reason).toMatch(/not seen for \d+\.\d s/);
    }
  });

  it('too long ago, a camera that was moved is moved still', () => {
    const h = host();
    const suspension = {
      kind: 'moved',
      sinceUtc: START_UTC,
      shiftPx: [40, 0],
      turnDeg: 0,
      zoom: 1,
      hidden: 0,
    } as const;
    h.start().film(between(0, 5).map((record) => ({ ...record, view: { state: 'moved', suspension } as const })));
    h.wait(300);
    const later = recording.map((record) => ({ ...record, captureTsUs: record.captureTsUs + 300e6 }));
    h.start().film(later);
    const passes = h.passes().filter(({ entered_utc }) => entered_utc > START_UTC + 300);
    expect(passes.map(({ suspended, verdict }) => `${suspended} ${verdict}`)).toEqual(
      Array.from({ length: 2 }, () => 'moved indeterminate'),
    );
  });

  it('in which a pass still waited for room, the next tells of it', async () => {
    const h = host();
    h.stickPersister(true);
    h.start({}, 2 ** 14).film(between(0, 18));
    h.stickPersister(false);
    const second = h.start();
    second.film(between(20, 100));
    await second.close();
    expect(new Set(h.passes().map(({ track_id }) => track_id)).size).toBe(2);
  });

  it('that left nothing, or the state of another configuration, all begins anew', () => {
    const h = host();
    h.start().film(between(0, 11));
    h.start({ configVersion: 'another' }).film(between(13, 14));
    expect(h.said).toEqual([expect.stringMatching(/^begins anew, what the last process left cannot be used: /)]);
    h.disk.saved = null;
    h.start();
    expect(h.said).toHaveLength(1);
  });

  it('numbers that the database knows of are given to nobody', () => {
    const h = host();
    h.start().film(between(0, 3));
    h.start({ firstTrackId: 500 }).film(between(4, 100));
    const ids = h.passes().map(({ track_id }) => track_id);
    expect(ids.length).toBeGreaterThan(0);
    expect(Math.max(...ids) < 3 || Math.max(...ids) >= 500).toBe(true);
  });
});

describe('the state on disk', () => {
  it('is written about once a second, at once when something happened, and rarely when nobody is there', () => {
    const h = host();
    h.start().film(recording);
    const seconds = recording.length / 10;
    expect(h.disk.writes).toBeGreaterThan(seconds / 3);
    expect(h.disk.writes).toBeLessThan(seconds + h.told.length + 2);
    const idle = host();
    idle.start().film(recording.map((record) => ({ ...record, detections: [] })));
    expect(idle.disk.writes).toBeLessThan(3);
    expect(idle.disk.writes).toBeGreaterThan(0);
  });

  it('is not written while the disk is busy, and no frame waits for it', () => {
    const h = host();
    h.disk.isBusy = true;
    h.start().film(recording);
    expect(h.disk.writes).toBe(0);
    expect(h.passes()).toHaveLength(2);
  });
});
