/** Inserts and questions against a real Postgres. */
import { describe, expect, it } from 'vitest';
import type { Site } from '../../../src/domain/types.ts';
import { StopsignError } from '../../../src/errors.ts';
import type { Fact } from '../../../src/rpc/records.ts';
import { insertBatch } from '../../../src/store/insert-batch.ts';
import { listCameras } from '../../../src/store/list-cameras.ts';
import { maxTrackId } from '../../../src/store/max-track-id.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { passById } from '../../../src/store/pass-by-id.ts';
import { passStats } from '../../../src/store/pass-stats.ts';
import { ping } from '../../../src/store/ping.ts';
import { purgeDetections } from '../../../src/store/purge-detections.ts';
import { recentIncidents } from '../../../src/store/recent-incidents.ts';
import { recentPasses } from '../../../src/store/recent-passes.ts';
import { sessionMetrics } from '../../../src/store/session-metrics.ts';
import { upsertCamera } from '../../../src/store/upsert-camera.ts';
import { startPostgres } from '../../support/postgres.ts';
import { frameFact, incidentFact, metrics, passEvent, passFact, SAMPLES, T0, trackFact } from './sample-facts.ts';

interface OpenDatabase extends AsyncDisposable {
  readonly store: Store;
}

async function openDatabase(): Promise<OpenDatabase> {
  const database = await startPostgres();
  const store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

const one = async <T>(store: Store, statement: string): Promise<T> =>
  (await store.ask((sql) => sql.unsafe(statement)))[0] as T;

describe('storing facts', () => {
  it('keeps every number of a frame', async () => {
    await using database = await openDatabase();
    await insertBatch(database.store, [frameFact(7, 'front', 3)]);
    const row = await one<Record<string, unknown>>(
      database.store,
      `select camera, epoch::int, frame::int, rtp::float8, width, height, to_jsonb(boxes) as boxes,
         to_jsonb(classes) as classes, (extract(epoch from ts) * 1e6)::bigint::text as us from detections`,
    );
    expect(row).toEqual({
      camera: 'front',
      epoch: 3,
      frame: 7,
      rtp: 4_294_967_000,
      width: 1280,
      height: 720,
      boxes: [10.5, 20.25, 110.125, 220, 0.9, 300, 40, 360, 90, 0.5],
      classes: ['car', 'bus'],
      us: String(T0 * 1e6 + 7 * 33_333),
    });
  });

  it('stores a frame without detections', async () => {
    await using database = await openDatabase();
    const fact = frameFact(1) as Extract<Fact, { kind: 'frame' }>;
    await insertBatch(database.store, [{ kind: 'frame', record: { ...fact.record, detections: [] } }]);
    expect(await one(database.store, 'select cardinality(boxes) as n from detections')).toEqual({ n: 0 });
  });

  it('gives the same rows however often a batch is repeated', async () => {
    await using database = await openDatabase();
    const facts = [
      ...Array.from({ length: 40 }, (_, i) => frameFact(i)),
      trackFact(5, T0 + 1),
      trackFact(5, T0 + 6),
      passFact(1),
      incidentFact('i1', T0),
      { kind: 'metrics', metrics: metrics(0) } satisfies Fact,
    ];
    await insertBatch(database.store, facts);
    await insertBatch(database.store, facts.slice(3));
    await insertBatch(database.store, facts);
    const counts = await one<Record<string, string>>(
      database.store,
      `select (select count(*) from detections) d, (select count(*) from tracks) t, (select count(*) from passes) p,
         (select count(*) from events) e, (select count(*) from session_metrics) m`,
    );
    expect(counts).toEqual({ d: '40', t: '1', p: '1', e: '1', m: '1' });
  });

  it('does not let an old summary overwrite a newer one, and forgets an end only when the track goes on', async () => {
    await using database = await openDatabase();
    const ended = () => one(database.store, 'select ended from tracks');
    await insertBatch(database.store, [trackFact(5, T0 + 20, { ended: true })]);
    await insertBatch(database.store, [trackFact(5, T0 + 10)]);
    await insertBatch(database.store, [trackFact(5, T0 + 20)]);
    expect(await ended()).toEqual({ ended: true });
    await insertBatch(database.store, [trackFact(5, T0 + 30, { parked: true }), trackFact(5, T0 + 25)]);
    await insertBatch(database.store, [trackFact(5, T0 + 15)]);
    const row = await one(
      database.store,
      'select extract(epoch from last_at)::int as last, parked, ended, frames::int from tracks',
    );
    expect(row).toEqual({ last: T0 + 30, parked: true, ended: false, frames: 900 });
  });

  it('fills the typed columns of a pass', async () => {
    await using database = await openDatabase();
    await insertBatch(database.store, [passFact(1)]);
    const row = await one(
      database.store,
      `select track_id::int, verdict, encroached, stopped_s, stopped_s_lo, stopped_s_hi, min_speed_unit, approach_speed_hi,
         stop_distance_m, sample_count, extract(epoch from min_speed_at)::float8 as at from passes`,
    );
    expect(row).toEqual({
      ...{
        track_id: 1,
        verdict: 'full_stop',
        encroached: true,
        stopped_s: 1.48,
        stopped_s_lo: 1.39,
        stopped_s_hi: 1.57,
      },
      ...{ min_speed_unit: 'km/h', approach_speed_hi: 32.3, stop_distance_m: null, sample_count: 93 },
      at: expect.closeTo(T0 + 63.1234567, 5),
    });
  });

  it.each([
    ['a text that Postgres cannot hold', passFact(1, 'full_stop', { reason: 'nul \u0000 byte' })],
    ['a verdict that does not exist', passFact(1, 'maybe' as 'full_stop')],
    ['a missing time', passFact(1, 'full_stop', { entered_utc: Number.NaN })],
    ['a kind of fact that does not exist', { kind: 'rumour' } as unknown as Fact],
    ['a frame without a record', { kind: 'frame' } as unknown as Fact],
    ['a track without a number', trackFact('x' as unknown as number, T0)],
  ])('refuses %s as bad input, and stores nothing of the batch', async (_, bad) => {
    await using database = await openDatabase();
    await expect(insertBatch(database.store, [frameFact(1), bad, frameFact(2)])).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    expect(await one(database.store, 'select count(*) from detections')).toEqual({ count: '0' });
    await insertBatch(database.store, [frameFact(1)]);
  });
});

describe('questions', () => {
  it('gives passes as they were sent, newest first, by camera and by page', async () => {
    await using database = await openDatabase();
    const sent = [1, 2, 3, 4].map((n) => passEvent(n, 'full_stop', { camera: n === 3 ? 'side' : 'demo' }));
    await insertBatch(
      database.store,
      sent.map((event) => ({ kind: 'event', event })),
    );
    const ids = async (query: Parameters<typeof recentPasses>[1]) =>
      (await recentPasses(database.store, query)).map((pass) => pass.track_id);
    expect(await recentPasses(database.store, { limit: 1 })).toEqual([sent[3]]);
    expect(await ids({ limit: 10 })).toEqual([4, 3, 2, 1]);
    expect(await ids({ limit: 10, camera: 'demo' })).toEqual([4, 2, 1]);
    expect(await ids({ limit: 2, before: sent[2]?.entered_utc })).toEqual([2, 1]);
  });

  it('gives a pass with its samples, and null for one that is not there', async () => {
    await using database = await openDatabase();
    await insertBatch(database.store, [passFact(1)]);
    expect(await passById(database.store, passEvent(1).id)).toEqual({ pass: passEvent(1), samples: SAMPLES });
    expect(await passById(database.store, 'nobody')).toBeNull();
  });

  it('counts verdicts by the days of the site, not of UTC', async () => {
    await using database = await openDatabase();
    const at = (iso: string): number => Date.parse(iso) / 1000;
    const nowUtc = at('2024-09-12T22:30:00Z'); // 00:30 on the 13th in Berlin
    const passes = [
      ['2024-09-12T22:10:00Z', 'no_stop'], // today in Berlin
      ['2024-09-12T21:50:00Z', 'full_stop'], // yesterday in Berlin, today in UTC
      ['2024-09-06T22:00:00Z', 'full_stop'], // first moment of the seven days
      ['2024-09-06T21:59:59Z', 'rolling_stop'], // before
    ] as const;
    const facts = passes.map(([iso, verdict], n) => passFact(n, verdict, { entered_utc: at(iso) }));
    await insertBatch(database.store, [...facts, passFact(99, 'full_stop', { camera: 'side' })]);
    const berlin = await passStats(database.store, { camera: 'demo', timezone: 'Europe/Berlin', nowUtc });
    const none = { full_stop: 0, rolling_stop: 0, no_stop: 0, indeterminate: 0 };
    expect(berlin).toEqual({
      today: { ...none, no_stop: 1 },
      week: { ...none, no_stop: 1, full_stop: 2 },
      all: { ...none, no_stop: 1, full_stop: 2, rolling_stop: 1 },
      hourly: [
        { hour: at('2024-09-12T21:00:00Z'), counts: { ...none, full_stop: 1 } },
        { hour: at('2024-09-12T22:00:00Z'), counts: { ...none, no_stop: 1 } },
      ],
      since: at('2024-09-06T21:59:59Z'),
    });
    const utc = await passStats(database.store, { camera: 'demo', timezone: 'UTC', nowUtc });
    expect(utc.today).toEqual({ ...none, no_stop: 1, full_stop: 1 });
    const empty = await passStats(database.store, { camera: 'nobody', timezone: 'UTC', nowUtc });
    expect(empty).toEqual({ today: none, week: none, all: none, hourly: [], since: null });
  });

  it('tells an incident once, as it ended', async () => {
    await using database = await openDatabase();
    await insertBatch(database.store, [incidentFact('a', T0), incidentFact('b', T0 + 5)]);
    await insertBatch(database.store, [incidentFact('a', T0, T0 + 2), incidentFact('b', T0 + 5, T0 + 9)]);
    expect(await recentIncidents(database.store, 10)).toEqual(
      [
        ['b', T0 + 5, T0 + 9],
        ['a', T0, T0 + 2],
      ].map(([id, startedUtc, resolvedUtc]) => ({
        ...{ id, startedUtc, resolvedUtc },
        ...{ actor: 'decoder:demo', generation: 2, cause: 'stall', detail: 'nothing moved' },
        // As stored before incidents told their stage and cost.
        ...{ stage: 'decoder', framesLost: null },
      })),
    );
  });

  it('knows the highest track of a camera', async () => {
    await using database = await openDatabase();
    expect(await maxTrackId(database.store, 'demo')).toBe(0);
    await insertBatch(database.store, [trackFact(12, T0), trackFact(2 ** 40, T0), trackFact(3, T0)]);
    expect(await maxTrackId(database.store, 'demo')).toBe(2 ** 40);
    expect(await maxTrackId(database.store, 'side')).toBe(0);
  });

  it('lists cameras with their sites and when they were seen', async () => {
    await using database = await openDatabase();
    const site = { name: 'corner', units: 'km/h' } as Site;
    await insertBatch(database.store, [frameFact(0), frameFact(3_000)]);
    await upsertCamera(database.store, { name: 'demo', site });
    const [camera, ...others] = await listCameras(database.store);
    expect(others).toEqual([]);
    expect(camera).toMatchObject({ name: 'demo', site, firstSeenUtc: T0 });
    expect(camera?.lastSeenUtc).toBeCloseTo(T0 + 99.999, 3);
  });

  it('gives the minutes of a session', async () => {
    await using database = await openDatabase();
    await insertBatch(
      database.store,
      [0, 1, 2].map((minute) => ({ kind: 'metrics', metrics: metrics(minute) })),
    );
    const rows = await sessionMetrics(database.store, { camera: 'demo', sinceUtc: T0 + 60, limit: 10 });
    expect(rows).toEqual([metrics(2), metrics(1)]);
  });

  it('purges old frames of every camera, and nothing else', async () => {
    await using database = await openDatabase();
    const frames = ['demo', 'side'].flatMap((camera) => [0, 30, 60].map((n) => frameFact(n, camera)));
    await insertBatch(database.store, [...frames, passFact(0)]);
    expect(await purgeDetections(database.store, T0 + 1.5)).toBe(4);
    expect(await one(database.store, 'select count(*) from detections')).toEqual({ count: '2' });
    expect(await one(database.store, 'select count(*) from passes')).toEqual({ count: '1' });
  });

  it('answers a ping', async () => {
    await using database = await openDatabase();
    expect(await ping(database.store)).toBeLessThan(3_000);
    await database.store.close();
    await expect(ping(database.store)).rejects.toBeInstanceOf(StopsignError);
  });
});
