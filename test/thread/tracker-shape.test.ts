/** A real tracker thread whose camera changes the shape of its picture, killed meanwhile: told once, as by one that was not. */
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { TRACKER_MEMORY_BYTES, trackerSpec } from '../../src/actors/tracker/spec.ts';
import type { ConditionEvent, PassEvent, StopsignEvent } from '../../src/domain/types.ts';
import type { LiveFrame } from '../../src/rpc/live.ts';
import { type DetectionsRecord, decodeRecord, encodeRecord, type Fact, RECORD } from '../../src/rpc/records.ts';
import { RecordRingReader } from '../../src/shm/record-ring.ts';
import { observe } from '../../src/sim/observe.ts';
import { loadScenario } from '../../src/sim/scenario-file.ts';
import { siteOf } from '../../src/sim/site-of.ts';
import { child, openHouse, records } from '../support/house.ts';
import { projectRoot } from '../support/shared.ts';
import { until } from '../support/until.ts';

const scenario = loadScenario('queue-of-two');
const site = { ...siteOf(scenario), timezone: 'UTC' };
const START_UTC = 1_700_000_000;
/** The first stands at the line, the second behind it. */
const CHANGED_S = 10.5;
const BACK_S = 13;
const observations = [...observe(scenario, { fps: 15, noisePx: 0.5, seed: 3, startUtc: START_UTC })];

/** As a camera sends it: pixels of its own picture. */
function record({ tsUtc, frame, detections }: (typeof observations)[number]): DetectionsRecord {
  const captureTsUs = Math.round(tsUtc * 1e6);
  const t = tsUtc - START_UTC;
  const [width, height] = t >= CHANGED_S && t < BACK_S ? [640, 480] : [site.image.width / 2, site.image.height / 2];
  const [sx, sy] = [width / site.image.width, height / site.image.height];
  const scaled = detections.map(({ bbox: [x1, y1, x2, y2], ...rest }) => ({
    ...rest,
    bbox: [x1 * sx, y1 * sy, x2 * sx, y2 * sy] as const,
  }));
  const stages = { received: captureTsUs, decoded: captureTsUs };
  const rtp = Math.round(tsUtc * 90_000) >>> 0;
  return { camera: 'front', frame, epoch: 1, rtp, captureTsUs, width, height, detections: scaled, stages };
}

function openTracker() {
  const settings = { camera: 'front', site, configVersion: 'v', modelSha256: null, firstTrackId: 1 };
  const entry = pathToFileURL(`${projectRoot()}/dist/actors/tracker/worker.js`).href;
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
  const open = openHouse(rings, [sink, { ...trackerSpec(settings), entry, backoffMs: 1 }]);
  const input = open.house.supervisorWriter('detections:front');
  if (!input) throw new Error('the plan has no such ring');
  // In the place of the sink, whose ends of the rings they are.
  const drain = <T>(name: string, take: (value: T) => void): void => {
    const ring = open.house.rings.find((one) => one.name === name);
    if (!ring) throw new Error(`the plan has no ring ${name}`);
    new RecordRingReader(ring.memory).drain((_, payload) => take(decodeRecord<T>(payload)), Number.POSITIVE_INFINITY);
  };
  return {
    ...open,
    row: open.house.board.row('tracker:front'),
    feed: (fromS: number, toS: number) => {
      for (const one of observations) {
        const t = one.tsUtc - START_UTC;
        if (t >= fromS && t < toS) input.tryWrite(RECORD.detections, encodeRecord(record(one)));
      }
    },
    events: () => {
      const events: StopsignEvent[] = [];
      drain<Fact>('facts:front', (fact) => fact.kind === 'event' && events.push(fact.event));
      return events;
    },
    frames: () => {
      const frames: LiveFrame[] = [];
      drain<LiveFrame>('tracks:front', (message) => message.type === 'frame' && frames.push(message));
      return frames;
    },
  };
}

it('suspends its verdicts from that frame on, over its own end, until the calibrated shape is back', async () => {
  await using h = openTracker();
  await h.supervisor.start();
  h.feed(0, 12);
  await until(() => !h.house.hasInput('tracker:front'), { what: 'the frames before' });
  await h.supervisor.terminate('tracker:front');
  await until(() => h.row.get('generation') === 2 && h.row.state === 'running', { what: 'the successor' });
  h.feed(12, Number.POSITIVE_INFINITY);
  await until(() => !h.house.hasInput('tracker:front'), { what: 'the frames after' });
  await h.supervisor.close();

  const events = h.events();
  const shapes = events.filter((event): event is ConditionEvent => event.type === 'picture_reshaped');
  expect(shapes.map(({ detail, ts_utc }) => [detail['phase'], Math.round((ts_utc - START_UTC) * 10) / 10])).toEqual([
    ['began', expect.closeTo(CHANGED_S, 0.5)],
    ['ended', expect.closeTo(BACK_S, 0.5)],
  ]);
  const passes = events.filter((event): event is PassEvent => event.type === 'pass');
  const withheld = ['indeterminate', 'reshaped', shapes[0]?.detail['sentence']];
  // Both were in view.
  expect(passes.map(({ verdict, suspended, reason }) => [verdict, suspended, reason])).toEqual([withheld, withheld]);
  const suspended = h.frames().filter(({ view }) => view !== undefined);
  expect(new Set(suspended.map(({ view }) => view?.state))).toEqual(new Set(['reshaped']));
  expect(new Set(suspended.map(({ raw_dimensions: { w, h } }) => `${w} × ${h}`))).toEqual(new Set(['640 × 480']));
});
