/**
 * `stopsign rejudge`: stored passes judged again from their evidence under another configuration. A dry run unless told
 * to apply; applying is one transaction, with every old judgement kept beside the new one.
 */
import { hostname, userInfo } from 'node:os';
import { configVersion } from '../config/config-version.ts';
import { readEnvironment } from '../config/environment.ts';
import { loadConfigFile } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type RejudgedPass, type Rejudging, rejudgePass } from '../domain/evidence/rejudge-pass.ts';
import { siteGeometry } from '../domain/geometry/site-geometry.ts';
import type { PassEvent, Site } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import { beginRejudgement, keepRejudged } from '../store/keep-rejudged.ts';
import type { Sql, Store } from '../store/open-store.ts';
import { passIds, type StoredPass, type StoredPassesQuestion, storedPasses } from '../store/stored-passes.ts';
import { openCommandDatabase } from './command-database.ts';
import { startProgress } from './progress.ts';
import { describeRejudging, rejudgingJson } from './rejudge-report.ts';

export interface RejudgeFlags {
  /** UTC seconds. */
  readonly since: number;
  readonly until?: number | undefined;
  readonly camera?: string | undefined;
  readonly config: string;
  readonly apply: boolean;
  readonly json: boolean;
}

export interface Flip {
  readonly old: PassEvent;
  readonly new: PassEvent;
}

export interface RejudgingResult {
  readonly question: StoredPassesQuestion;
  /** By camera. */
  readonly configVersions: Readonly<Record<string, string>>;
  readonly isApplied: boolean;
  readonly passes: number;
  readonly judged: number;
  /** Stored by a version that did not keep what they were judged on. */
  readonly withoutEvidence: number;
  /** Told as indeterminate because the camera had moved or was blocked: they stay so. */
  readonly suspended: number;
  /** Of cameras that the configuration does not know. */
  readonly withoutSite: number;
  /** Same verdict, other figures. */
  readonly changed: number;
  readonly flips: readonly Flip[];
}

/** Judging a hundred thousand passes takes minutes; nothing else waits for it. */
const WITHIN_MS = 3_600_000;

/** @throws StopsignError BAD_CONFIG, BAD_USAGE, INPUT_MISSING, DATABASE_UNAVAILABLE */
export async function runRejudge(flags: RejudgeFlags): Promise<string> {
  const { config } = loadConfigFile(flags.config);
  await using database = await openCommandDatabase(config, readEnvironment());
  let progress = startProgress({ label: 'passes', total: 0 });
  try {
    const result = await rejudgeStored(database.store, config, flags, (done, total) => {
      if (done === 0) {
        progress.stop();
        progress = startProgress({ label: 'passes', total });
      }
      progress.update(done);
    });
    progress.stop();
    return flags.json ? `${JSON.stringify(rejudgingJson(result))}\n` : describeRejudging(result);
  } finally {
    progress.stop();
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
  const under = sitesFor(config, cameras);
  const tally = { judged: 0, withoutEvidence: 0, suspended: 0, withoutSite: 0, changed: 0 };
  const flips: Flip[] = [];
  const runs = new Map<string, number>();
  let done = 0;
  onProgress(0, ids.length);
  for await (const page of storedPasses(sql, ids)) {
    const kept = new Map<string, RejudgedPass[]>();
    for (const stored of page) {
      const again = judgeAgain(stored, under, tally);
      if (!again) continue;
      if (again.isFlipped) flips.push({ old: stored.pass, new: again.pass });
      else if (again.isChanged) tally.changed++;
      // A pass that is judged just the same under the same configuration is left alone.
      const isNew = again.isChanged || again.pass.config_version !== stored.pass.config_version;
      const { camera } = stored.pass;
      if (isNew) kept.set(camera, [...(kept.get(camera) ?? []), again]);
    }
    if (isApplied) {
      for (const [camera, judged] of kept) {
        const run = runs.get(camera) ?? (await begin(sql, question, camera, under.get(camera) as Rejudging));
        runs.set(camera, run);
        await keepRejudged(sql, run, judged);
      }
    }
    done += page.length;
    onProgress(done, ids.length);
  }
  const configVersions = Object.fromEntries([...under].map(([camera, { configVersion: name }]) => [camera, name]));
  return { question, configVersions, isApplied, passes: ids.length, ...tally, flips };
}

interface Tally {
  judged: number;
  withoutEvidence: number;
  suspended: number;
  withoutSite: number;
}

function judgeAgain(
  { pass, evidence }: StoredPass,
  under: ReadonlyMap<string, Rejudging>,
  tally: Tally,
): RejudgedPass | null {
  const rejudging = under.get(pass.camera);
  if (!rejudging) tally.withoutSite++;
  else if (evidence?.v !== 1) tally.withoutEvidence++;
  else if (evidence.isSuspended) tally.suspended++;
  else {
    tally.judged++;
    return rejudgePass(pass, evidence, rejudging);
  }
  return null;
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

/** @throws StopsignError BAD_CONFIG when the site cannot be judged */
export function rejudgingUnder(site: Site): Rejudging {
  const result = siteGeometry(site);
  if (result.ok) return { site, geometry: result.geometry, configVersion: configVersion(site) };
  throw new StopsignError('BAD_CONFIG', `Site "${site.name}" cannot be judged: ${result.problems.join('; ')}.`, {
    remedy: 'Correct the points in the site configuration.',
  });
}
