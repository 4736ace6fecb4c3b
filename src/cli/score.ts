/** `stopsign score --camera NAME`: how well a site is obeyed, from the passes in the database. */
import { readEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { type ShareOfStops, type SiteScore, siteScore } from '../domain/score/site-score.ts';
import type { Store } from '../store/open-store.ts';
import { MOST_PASSES, sitePasses } from '../store/site-passes.ts';
import { openCommandDatabase } from './command-database.ts';

export interface ScoreFlags {
  readonly camera: string;
  /** UTC seconds. */
  readonly since: number;
  readonly until?: number | undefined;
  readonly config?: string | undefined;
  readonly json: boolean;
}

/** @throws StopsignError BAD_CONFIG, INPUT_MISSING, DATABASE_UNAVAILABLE */
export async function scoreSite(flags: ScoreFlags): Promise<string> {
  const environment = readEnvironment();
  const { config } = loadConfig({ flag: flags.config, variable: environment.configFile });
  await using database = await openCommandDatabase(config, environment);
  // Awaited here: the database must stay open until then.
  return await scoreStored(database.store, flags);
}

export async function scoreStored(store: Store, flags: Omit<ScoreFlags, 'config'>): Promise<string> {
  const { camera, since: sinceUtc, until: untilUtc } = flags;
  const { passes, isCut } = await sitePasses(store, { camera, sinceUtc, untilUtc });
  const score = siteScore(passes);
  if (flags.json)
    return `${JSON.stringify({ camera, since_utc: sinceUtc, until_utc: untilUtc ?? null, cut: isCut, ...score })}\n`;
  return describe(flags, score, isCut);
}

function describe({ camera, since, until }: Omit<ScoreFlags, 'config'>, score: SiteScore, isCut: boolean): string {
  const day = (utc: number) => `${new Date(utc * 1000).toISOString().slice(0, 16)}Z`;
  const { full_stop, rolling_stop, no_stop, indeterminate } = score.verdicts;
  const lines = [
    `camera      ${camera}, entered from ${day(since)}${until === undefined ? '' : ` until ${day(until)}`}`,
    `passes      ${score.passes} (${full_stop} full stop, ${rolling_stop} rolling stop, ${no_stop} no stop, ${indeterminate} indeterminate)`,
    `score       ${share(score.judged)}`,
    `voluntary   ${share(score.voluntary)}, nobody stood in front`,
  ];
  if (isCut)
    lines.push(`Only the newest ${MOST_PASSES} passes were counted: shorten the time with --since or --until.`);
  return `${lines.join('\n')}\n`;
}

function share({ n, score, fullStops }: ShareOfStops): string {
  if (!fullStops) return 'none could be judged (n = 0)';
  const percent = (value: number) => (100 * value).toFixed(1);
  return `${score} of 100: ${percent(fullStops.value)} % full stops (95 %: ${percent(fullStops.lo)} to ${percent(fullStops.hi)} %, n = ${n})`;
}
