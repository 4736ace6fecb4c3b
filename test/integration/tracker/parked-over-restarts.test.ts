/**
 * A parked vehicle and all that may be restarted around it: its tracker's thread dies, then the whole house ends and another
 * one begins, which knows only what the database tells. Real threads, real rings, a real Postgres; compiled code.
 */
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { persisterSpec } from '../../../src/actors/persister/spec.ts';
import { TRACKER_MEMORY_BYTES, trackerSpec } from '../../../src/actors/tracker/spec.ts';
import { calibrationVersion } from '../../../src/config/config-version.ts';
import type { Runtime } from '../../../src/config/runtime.ts';
import type { Box } from '../../../src/domain/types.ts';
import { type DetectionsRecord, encodeRecord, RECORD } from '../../../src/rpc/records.ts';
import { firstTrackIds } from '../../../src/store/first-track-ids.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { standingVehicles } from '../../../src/store/standing-vehicles.ts';
import { child, openHouse, records } from '../../support/house.ts';
import { startPostgres, temporaryDir } from '../../support/postgres.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';
import { demoSite as site } from '../../unit/domain/synthetic-scene.ts';

const CAMERA = 'front';
/** The database knows when a camera was last heard of by the wall's clock: all this has just been. */
const T0 = Math.floor(Date.now() / 1000) - 80;
const FPS = 5;
const PLACE: Box = [100, 300, 220, 370];
const calibration = calibrationVersion(site);

/** Stands for 75 s, then drives off; while it stands another one passes at 12 s and at 72 s. */
function seenAt(t: number): Box[] {
  const gone = Math.max(0, t - 75);
  const [x1, y1, x2, y2] = PLACE;
  const boxes: Box[] = [[x1 + 60 * gone ** 2, y1, x2 + 60 * gone ** 2, y2]];
  const passing = (t % 60) - 12;
  if (passing >= 0 && passing < 4) boxes.push([300 + 150 * passing, 500, 460 + 150 * passing, 600]);
  return boxes;
}

function frameAt(frame: number): DetectionsRecord {
  const t = frame / FPS;
  const captureTsUs = (T0 + t) * 1e6;
  const detections = seenAt(t).map((bbox) => ({ bbox, score: 0.9, class: 'car' }));
  const stages = { received: captureTsUs, decoded: captureTsUs };
  const rtp = Math.round(captureTsUs * 0.09) >>> 0;
  return { camera: CAMERA, frame, epoch: 1, rtp, captureTsUs, ...site.image, detections, stages };
}

/** As the analyzer's start does it: numbers and standing vehicles come from the database and the data folder. */
async function openAnalyzer(databaseUrl: string, dataDir: string) {
  const cameras = [{ name: CAMERA, calibration }];
  const ids = await firstTrackIds(databaseUrl, [CAMERA], T0 * 1e6, dataDir);
  const recall = [...((await standingVehicles(databaseUrl, cameras, dataDir))[CAMERA] ?? [])];
  const dist = (entry: string) => pathToFileURL(`${projectRoot()}/dist/${entry}`).href;
  const firstTrackId = ids[CAMERA] as number;
  const tracker = trackerSpec({
    camera: CAMERA,
    site,
    configVersion: 'v',
    calibration,
    modelSha256: null,
    firstTrackId,
    recall,
  });
  const persister = persisterSpec({
    cameras: [{ name: CAMERA, site }],
    databaseUrl,
    dataDir,
    keepDetectionsDays: 36_500,
  } as unknown as Runtime);
  const rings = [
    records(`detections:${CAMERA}`, 2 ** 22),
    records(`tracks:${CAMERA}`, 2 ** 22),
    records(`facts:${CAMERA}`, 2 ** 22),
    records('facts:supervisor'),
    records(`memory:${CAMERA}`, TRACKER_MEMORY_BYTES),
  ];
  const open = openHouse(rings, [
    { ...persister, entry: dist(persister.entry) },
    child('page', 'relay.mjs', { reads: [`tracks:${CAMERA}`] }),
    { ...tracker, entry: dist(tracker.entry), backoffMs: 1 },
  ]);
  await open.supervisor.start();
  const row = open.house.board.row(`tracker:${CAMERA}`);
  const input = open.house.supervisorWriter(`detections:${CAMERA}`);
  return {
    ...open,
    row,
    recalled: recall.map(({ trackId }) => trackId),
    /** Frames from one second to another; resolves when all are taken in. */
    async feed(fromS: number, toS: number) {
      for (let frame = fromS * FPS; frame < toS * FPS; frame++) {
        input?.tryWrite(RECORD.detections, encodeRecord(frameAt(frame)));
      }
      await until(() => !open.house.hasInput(`tracker:${CAMERA}`), { what: `frames up to ${toS} s` });
    },
  };
}

it('is the same vehicle after its tracker’s thread was killed and after the house was ended and begun again', async () => {
  await using database = await startPostgres();
  await using store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  const dataDir = temporaryDir();
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  {
    await using first = await openAnalyzer(database.url, dataDir);
    expect(first.recalled).toEqual([]);
    await first.feed(0, 40);
    await first.supervisor.terminate(`tracker:${CAMERA}`);
    await until(() => first.row.get('generation') === 2 && first.row.state === 'running', { what: 'the successor' });
    await first.feed(40, 60);
  }
  const parked = await store.ask((sql) => sql`select track_id::int as id from events where type = 'parked'`);
  expect(parked).toHaveLength(1);
  const id = parked[0]?.['id'] as number;
  {
    await using second = await openAnalyzer(database.url, dataDir);
    expect(second.recalled).toEqual([id]);
    await second.feed(65, 80);
  }
  const told = await store.ask(
    (sql) => sql<{ type: string; id: number; t: number }[]>`
      select type, track_id::int as id, extract(epoch from ts)::float8 - ${T0} as t
      from events where type in ('stopped', 'moved_off', 'parked', 'unparked') order by ts, type desc`,
  );
  expect(told.map(({ type, id }) => `${type} ${id}`)).toEqual(
    ['stopped', 'parked', 'unparked', 'moved_off'].map((type) => `${type} ${id}`),
  );
  expect(told[3]?.t).toBeGreaterThanOrEqual(75);
  // The two that passed are others, one of each house, and nobody else was numbered.
  const tracks = await store.ask((sql) => sql<{ id: number }[]>`select track_id::int as id from tracks order by 1`);
  expect(tracks.map((track) => track.id)).toEqual([id, id + 1, id + 2]);
}, 60_000);
