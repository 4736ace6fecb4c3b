/** A real tracker thread, killed and restarted by the supervisor in the middle of the traffic: the events stay those of one. */
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SUPERVISOR } from '../../src/actors/runtime/plan.ts';
import { TRACKER_MEMORY_BYTES, trackerSpec } from '../../src/actors/tracker/spec.ts';
import { createAnalyzer, finish, step } from '../../src/domain/site-analyzer.ts';
import type { DomainEvent, StopsignEvent } from '../../src/domain/types.ts';
import { type DetectionsRecord, decodeRecord, encodeRecord, type Fact, RECORD } from '../../src/rpc/records.ts';
import { RecordRingReader } from '../../src/shm/record-ring.ts';
import { observe } from '../../src/sim/observe.ts';
import { loadScenario } from '../../src/sim/scenario-file.ts';
import { siteOf } from '../../src/sim/site-of.ts';
import { child, openHouse, records } from '../support/house.ts';
import { projectRoot } from '../support/shared.ts';
import { until } from '../support/until.ts';

const scenario = loadScenario('queue-of-two');
const site = siteOf(scenario);
const settings = { camera: 'front', site, configVersion: 'v', modelSha256: null, firstTrackId: 1 };
const observations = [...observe(scenario, { fps: 15, noisePx: 0.5, seed: 3, startUtc: 1_700_000_000 })];

function record({ tsUtc, frame, detections }: (typeof observations)[number]): DetectionsRecord {
  const captureTsUs = Math.round(tsUtc * 1e6);
  const stages = { received: captureTsUs, decoded: captureTsUs };
  return {
    camera: 'front',
    frame,
    epoch: 1,
    rtp: Math.round(tsUtc * 90_000) >>> 0,
    captureTsUs,
    ...site.image,
    detections,
    stages,
  };
}

function expected(): DomainEvent[] {
  let state = createAnalyzer(settings);
  const events: DomainEvent[] = [];
  for (const observation of observations) {
    const [next, output] = step(state, observation);
    state = next;
    events.push(...output.events);
  }
  return [...events, ...finish(state).events];
}

function openTracker() {
  const entry = pathToFileURL(`${projectRoot()}/dist/actors/tracker/worker.js`).href;
  const tracker = { ...trackerSpec(settings), entry, backoffMs: 1 };
  const sink = child('sink', 'relay.mjs', {
    reads: ['tracks:front', 'facts:front'],
    settings: { lazy: true },
    stallMs: 600_000,
  });
  const rings = [
    records('detections:front', 2 ** 22),
    records('tracks:front', 2 ** 22),
    records('facts:front', 2 ** 22),
    records('memory:front', TRACKER_MEMORY_BYTES),
  ];
  const open = openHouse(rings, [sink, tracker]);
  const ring = open.house.rings.find(({ name }) => name === 'facts:front');
  const input = open.house.supervisorWriter('detections:front');
  if (!ring || !input) throw new Error('the plan has no rings');
  const events: StopsignEvent[] = [];
  return {
    ...open,
    row: open.house.board.row('tracker:front'),
    feed: (from: number, to: number) => {
      for (const one of observations.slice(from, to)) input.tryWrite(RECORD.detections, encodeRecord(record(one)));
    },
    events: () => {
      // In the place of the sink, whose end of the ring it is.
      new RecordRingReader(ring.memory).drain((_type, payload) => {
        const fact = decodeRecord<Fact>(payload);
        if (fact.kind === 'event') events.push(fact.event);
      }, Number.POSITIVE_INFINITY);
      return [...new Map(events.map((event) => [event.id, event])).values()];
    },
  };
}

describe('the tracker’s thread', () => {
  it.each(['killed', 'restarted by an operator'])('%s four times loses and changes nothing', async (how) => {
    await using h = openTracker();
    await h.supervisor.start();
    const parts = 5;
    for (let part = 0; part < parts; part++) {
      const [from, to] = [part, part + 1].map((n) => Math.round((n * observations.length) / parts)) as [number, number];
      h.feed(from, to);
      if (part === parts - 1) break;
      // In the middle of its work, wherever that is.
      await until(() => h.row.get('in') >= from + (to - from) / 2, { what: `frames of part ${part}` });
      if (how === 'killed') await h.supervisor.terminate('tracker:front');
      else await h.supervisor.control.restart('tracker:front', 'the test');
      await until(() => h.row.get('generation') === part + 2 && h.row.state === 'running', { what: 'the successor' });
    }
    await until(() => !h.house.hasInput('tracker:front'), { what: 'all frames to be taken in' });
    await h.supervisor.close();
    expect(h.house.board.row(SUPERVISOR).state).toBe('stopping');
    const told = h.events();
    expect(told).toEqual(expected());
    expect(told.filter(({ type }) => type === 'pass').length).toBeGreaterThan(1);
  });
});
