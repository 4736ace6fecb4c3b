/** One process ends, in order or not, and another goes on: what becomes of the vehicles that were in view. */
import { describe, expect, it } from 'vitest';
import { TrackerActor } from '../../../src/actors/tracker/actor.ts';
import { Handover } from '../../../src/actors/tracker/handover.ts';
import { TrackerMemory } from '../../../src/actors/tracker/memory.ts';
import type { KeptState, StateKeeper } from '../../../src/actors/tracker/ports.ts';
import { createAnalyzer } from '../../../src/domain/site-analyzer.ts';
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
    rtp: Math.round(tsUtc * 90_000) >>> 0,
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
  saved: string | null = null;
  writes: number[] = [];
  isBusy = false;
  read() {
    return this.saved === null ? null : (JSON.parse(this.saved) as KeptState);
  }
  write(state: KeptState): number {
    this.writes.push(state.savedUs / 1e6);
    this.saved = JSON.stringify(state);
    return this.saved.length;
  }
  writeLast(state: KeptState): void {
    this.write(state);
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
    const row = new StatusRow(StatusBoard.allocate(1), 0);
    const thread = () =>
      new TrackerActor(
        { ...settings, ...over },
        {
          name: 'tracker:front',
          detections: rings.detections.reader,
          live: rings.live.writer,
          facts: rings.facts.writer,
          row,
          clock: { nowUs: () => nowUs },
          memory: new TrackerMemory(rings.memory.reader, rings.memory.writer),
          keeper: disk,
          isHouseClosing: () => isClosing,
          onRecall: (words) => said.push(words),
        },
      );
    let actor = thread();
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
      /** Its thread is killed, and another takes its place in the same process. */
      restartThread: () => {
        actor = thread();
      },
      /** In order. Not calling it is being killed. */
      close: async () => {
        isClosing = true;
        const closing = actor.onClose();
        takeFacts();
        await closing;
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
    // What was on its way when the state was written may be told again: under the same id, in the same words.
    const words = new Set(h.told.map((event) => JSON.stringify(event)));
    expect(words.size).toBe(new Set(h.told.map(({ id }) => id)).size);
    for (const pass of passes) {
      const truth = expected.find(({ track_id }) => track_id === pass.track_id);
      expect(['indeterminate', truth?.verdict]).toContain(pass.verdict);
    }
  });

  it('that told of a pass after it had last written, the next tells of it under the same id', () => {
    const h = host();
    const first = h.start();
    first.film(between(0, 13.7));
    h.disk.isBusy = true;
    first.film(between(13.7, 15));
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

  it('in which the persister had not taken a pass from its ring, the next tells of it as it was', () => {
    const h = host();
    h.stickPersister(true);
    h.start().film(between(0, 18));
    expect(h.passes()).toEqual([]);
    h.stickPersister(false);
    const second = h.start();
    expect(h.passes()).toMatchObject([{ track_id: 1, complete: true, verdict: 'full_stop' }]);
    second.film(between(18, 18.3));
    h.start();
    expect(h.passes()).toHaveLength(1);
  });

  it('whose thread had been replaced while the persister stood still, the next tells of the passes of both threads', () => {
    const expected = ['full_stop', 'full_stop'];
    const h = host();
    h.stickPersister(true);
    const first = h.start();
    first.film(between(0, 15));
    first.restartThread();
    first.film(between(15, 100));
    h.wait(300);
    h.stickPersister(false);
    h.start();
    expect(h.passes().map(({ verdict, complete }) => (complete ? verdict : 'incomplete'))).toEqual(expected);
  });

  it('in which the persister had not taken a pass, the next tells of it though its state is of no use', () => {
    const h = host();
    h.stickPersister(true);
    h.start().film(between(0, 18));
    h.stickPersister(false);
    h.start({ configVersion: 'another' });
    expect(h.said.at(-1)).toMatch(/^begins anew, /);
    expect(h.passes()).toMatchObject([{ track_id: 1, complete: true, verdict: 'full_stop' }]);
  });

  it('that ended in order beside a persister that takes nothing any more, all is told by the next', async () => {
    const expected = await whole();
    const h = host();
    h.stickPersister(true);
    const first = h.start();
    first.film(recording);
    await first.close();
    h.stickPersister(false);
    h.start();
    expect(h.passes()).toEqual(expected);
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
    expect(h.disk.writes.length).toBeGreaterThan(seconds / 3);
    expect(h.disk.writes.length).toBeLessThan(seconds + h.told.length + 2);
    const idle = host();
    idle.start().film(recording.map((record) => ({ ...record, detections: [] })));
    expect(idle.disk.writes.length).toBeLessThan(3);
    expect(idle.disk.writes.length).toBeGreaterThan(0);
  });

  it('is written once a second and five times more at most, however much happens', () => {
    const disk = new Disk();
    let nowUs = START_UTC * 1e6;
    const outbox = { untold: () => [], putAgain: () => {} };
    const handover = new Handover({ keeper: disk, outbox, program: '', nowUs: () => nowUs });
    const state = { ...createAnalyzer(settings), lastTsUtc: START_UTC };
    for (const end = nowUs + 20e6; nowUs < end; nowUs += 10_000) {
      handover.note();
      handover.tick(state);
    }
    expect(disk.writes.length).toBeGreaterThanOrEqual(20);
    expect(disk.writes.length).toBeLessThanOrEqual(26);
    const [first = 0, second = 0] = disk.writes;
    expect(second - first).toBeCloseTo(0.1, 2);
  });

  it('is not written while the disk is busy, and no frame waits for it', () => {
    const h = host();
    h.disk.isBusy = true;
    h.start().film(recording);
    expect(h.disk.writes.length).toBe(0);
    expect(h.passes()).toHaveLength(2);
  });
});
