/**
 * `stopsign rejudge`: stored passes judged again from their evidence under another configuration. A dry run unless told
 * to apply; applying is one transaction, with every old judgement kept beside the new one.
 */
import { hostname, userInfo } from 'node:os';
import { configVersion } from '../config/config-version.ts';
import { readEnvironment } from '../config/environment.ts';
import { loadConfigFile } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { RejudgedPass, Rejudging } from '../domain/evidence/rejudge-pass.ts';
import type { Site } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import { beginRejudgement, keepRejudged } from '../store/keep-rejudged.ts';
import { knownSites } from '../store/known-sites.ts';
import type { Sql, Store } from '../store/open-store.ts';
import { passIds, type StoredPass, type StoredPassesQuestion, storedPasses } from '../store/stored-passes.ts';
import { openCommandDatabase } from './command-database.ts';
import { type JudgeableBatch, JudgePool } from './judge-pool.ts';
import { type Progress, startProgress } from './progress.ts';
import { rejudgingJson } from './rejudge-json.ts';
import { describeRejudging } from './rejudge-report.ts';
import { RejudgeTally } from './rejudge-tally.ts';
import type { RejudgedCamera, RejudgingResult } from './rejudging-result.ts';
import { rejudgingUnder } from './rejudging-under.ts';
import { type SiteDifference, siteDifferences } from './site-differences.ts';

export interface RejudgeFlags {
  /** UTC seconds. */
  readonly since: number;
  readonly until?: number | undefined;
  readonly camera?: string | undefined;
  readonly config: string;
  readonly apply: boolean;
  readonly json: boolean;
}

/** Judging a hundred thousand passes takes minutes; nothing else waits for it. */
const WITHIN_MS = 3_600_000;

/** @throws StopsignError BAD_CONFIG, BAD_USAGE, INPUT_MISSING, DATABASE_UNAVAILABLE */
export async function runRejudge(flags: RejudgeFlags): Promise<string> {
  const { config } = loadConfigFile(flags.config);
  await using database = await openCommandDatabase(config, readEnvironment());
  let progress: Progress | undefined;
  try {
    const result = await rejudgeStored(database.store, config, flags, (done, total) => {
      progress ??= startProgress({ label: 'passes', total });
      progress.update(done);
    });
    progress?.stop();
    return flags.json ? `${JSON.stringify(rejudgingJson(result))}\n` : describeRejudging(result);
  } finally {
    progress?.stop();
  }
}

/** One transaction, also for a dry run: all of it sees the same passes. */
export function rejudgeStored(
  store: Store,
  config: Config,
  flags: Omit<RejudgeFlags, 'config' | 'json'>,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<RejudgingResult> {
  const question = { sinceUtc: flags.since, untilUtc: flags.until, camera: flags.camera };
  return store.ask(
    (sql) =>
      sql.begin('isolation level repeatable read', (transaction) =>
        rejudgeAll(transaction as unknown as Sql, config, question, flags.apply, onProgress),
      ) as Promise<RejudgingResult>,
    WITHIN_MS,
  );
}

async function rejudgeAll(
  sql: Sql,
  config: Config,
  question: StoredPassesQuestion,
  isApplied: boolean,
  onProgress: (done: number, total: number) => void,
): Promise<RejudgingResult> {
  const { ids, cameras } = await passIds(sql, question);
  if (ids.length === 0) await checkCamera(sql, question.camera);
  const under = sitesFor(config, cameras);
  const tally = new RejudgeTally();
  const runs = new Map<string, number>();
  await using pool = new JudgePool(new Map([...under].map(([camera, { site }]) => [camera, site])));
  let done = 0;
  onProgress(0, ids.length);
  for await (const page of storedPasses(sql, ids)) {
    const judged = await pool.judge(judgeable(page, under, tally));
    const againById = new Map(judged.map((again) => [again.pass.id, again]));
    const kept = new Map<string, RejudgedPass[]>();
    for (const stored of page) {
      const again = againById.get(stored.pass.id) ?? null;
      tally.add(stored.pass, again);
      if (!again) continue;
      // A pass that is judged just the same under the same configuration is left alone.
      const isNew = again.isChanged || again.pass.config_version !== stored.pass.config_version;
      const { camera } = stored.pass;
      if (isNew) kept.set(camera, [...(kept.get(camera) ?? []), again]);
    }
    if (isApplied) {
      for (const [camera, changed] of kept) {
        const run = runs.get(camera) ?? (await begin(sql, question, camera, under.get(camera) as Rejudging));
        runs.set(camera, run);
        await keepRejudged(sql, run, changed);
      }
    }
    done += page.length;
    onProgress(done, ids.length);
  }
  const told: RejudgedCamera[] = [];
  for (const name of cameras) {
    const camera = tally.camera(name);
    const rejudging = under.get(name);
    told.push({
      ...camera,
      name,
      configVersion: rejudging?.configVersion ?? null,
      differences: rejudging ? await differencesFrom(sql, name, camera.from, rejudging.site) : null,
      rejudgement: runs.get(name) ?? null,
    });
  }
  return { question, isApplied, passes: ids.length, tally, cameras: told };
}

/** The others are left alone, and counted. */
function judgeable(
  page: readonly StoredPass[],
  under: ReadonlyMap<string, Rejudging>,
  tally: RejudgeTally,
): JudgeableBatch {
  return page.flatMap(({ pass, evidence }) => {
    if (!under.has(pass.camera)) tally.withoutSite++;
    else if (evidence?.v !== 1) tally.withoutEvidence++;
    else if (evidence.isSuspended) tally.suspended++;
    else return { pass, evidence };
    return [];
  });
}

async function differencesFrom(
  sql: Sql,
  camera: string,
  from: Readonly<Record<string, number>>,
  now: Site,
): Promise<readonly SiteDifference[] | null> {
  const others = Object.entries(from).filter(([version]) => version !== configVersion(now));
  if (others.length === 0) return [];
  const [most] = others.sort((a, b) => b[1] - a[1]);
  const old = (await knownSites(sql, camera)).find((site) => configVersion(site) === most?.[0]);
  return old ? siteDifferences(old, now) : null;
}

/** No passes may mean no such camera: that is worth a sentence. @throws StopsignError BAD_USAGE */
async function checkCamera(sql: Sql, camera: string | undefined): Promise<void> {
  if (camera === undefined) return;
  const known = (await sql<{ name: string }[]>`select name from cameras order by name`).map(({ name }) => name);
  if (known.includes(camera)) return;
  throw new StopsignError('BAD_USAGE', `The database knows no camera named ${camera}.`, {
    remedy: known.length > 0 ? `There is ${known.join(', ')}.` : 'There is none in it yet.',
  });
}

function begin(sql: Sql, question: StoredPassesQuestion, camera: string, { site, configVersion: name }: Rejudging) {
  const by = `${userInfo().username}@${hostname()}`;
  return beginRejudgement(sql, { ...question, camera, by, configVersion: name, site });
}

/** The configuration's site of each camera that has passes; a lone site belongs to the only camera there is. */
function sitesFor(config: Config, cameras: readonly string[]): ReadonlyMap<string, Rejudging> {
  const sites = new Map<string, Rejudging>();
  if (!config.cameras?.length && cameras.length > 1) {
    throw new StopsignError(
      'BAD_USAGE',
      `The passes are of several cameras (${cameras.join(', ')}), and the configuration names none.`,
      { remedy: 'Say which one with --camera, or use a configuration with `cameras:`.' },
    );
  }
  for (const camera of cameras) {
    const entry = config.cameras?.find(({ name }) => name === camera);
    const site = config.cameras?.length ? entry && (entry.site ?? config.site) : config.site;
    if (site) sites.set(camera, rejudgingUnder(site));
  }
  return sites;
}
