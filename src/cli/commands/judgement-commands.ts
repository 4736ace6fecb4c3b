/** The commands about passes that were judged: `score` and `rejudge`. Called by program.ts. */
import type { Command } from 'commander';
import { StopsignError } from '../../errors.ts';
import { timeArgument } from '../time-argument.ts';
import type { CommandContext } from './command-context.ts';
import { CONFIG_HELP, examples, TIME_FORMS, TIME_HELP } from './help-words.ts';
import { notNegative } from './number-arguments.ts';

const A_WEEK_S = 7 * 86_400;

interface ScoreFlags {
  readonly camera?: string;
  readonly since?: number;
  readonly until?: number;
  readonly config?: string;
  readonly legacy?: string | true;
  readonly rows?: string;
  readonly zone?: string;
  readonly preStopLine?: string;
  readonly threshold?: number;
  readonly json?: boolean;
}

export function addScore(program: Command, { output }: CommandContext): void {
  program
    .command('score')
    .description('how well a site is obeyed; with --legacy, the predecessor’s scorer over its own rows (pixels)')
    .option('--camera <name>', 'the camera whose stored passes are counted')
    .option('--since <time>', `${TIME_HELP} (default: 7d)`, moment)
    .option('--until <time>', TIME_HELP, moment)
    .option('-c, --config <file>', `${CONFIG_HELP}; names the database`)
    .option('--legacy [file]', 'score rows as the predecessor did: its raw payloads, one JSON result a line')
    .option('--rows <file>', 'with --legacy: rows t;x,y;x1,y1,x2,y2;raw_speed, or the same as JSON or NDJSON')
    .option('--zone <points>', 'with --legacy: "900,700 1150,700 …"; default: as the payload says')
    .option('--pre-stop-line <points>', 'with --legacy: two points; default: as the payload says')
    .option('--threshold <px/s>', 'with --legacy: stopped is up to this speed (default: 20)', notNegative)
    .option('--json', 'JSON instead of text')
    .addHelpText(
      'after',
      examples([
        'stopsign score --camera front --since 7d',
        'stopsign score --legacy payloads.json',
        'stopsign score --legacy --rows rows.txt --zone "900,700 1150,700 1150,860 900,860" --pre-stop-line "1660,650 1660,900"',
      ]),
    )
    .addHelpText('after', TIME_FORMS)
    .action(async (flags: ScoreFlags) => {
      const { camera, legacy, config, until, json = false } = flags;
      const rows = rowsOf(flags);
      if (legacy !== undefined && rows !== undefined && camera === undefined) {
        const { scoreLegacy } = await import('../score-legacy.ts');
        output.out(scoreLegacy({ ...flags, rows, json: json || flags.rows === undefined }));
      } else if (legacy === undefined && rows === undefined && camera !== undefined) {
        const { scoreSite } = await import('../score.ts');
        const since = flags.since ?? Date.now() / 1000 - A_WEEK_S;
        checkSpan(since, until);
        output.out(await scoreSite({ camera, since, until, config, json }));
      } else {
        throw new StopsignError('BAD_USAGE', 'Score needs either --camera, or --legacy with a file of rows.', {
          remedy: 'See: stopsign score --help',
        });
      }
    });
}

/** The one file that was named, wherever it was named. */
function rowsOf({ legacy, rows }: ScoreFlags): string | undefined {
  if (typeof legacy !== 'string') return rows;
  if (rows === undefined) return legacy;
  throw new StopsignError(
    'BAD_USAGE',
    `Score was given two files of rows: ${legacy} after --legacy, ${rows} after --rows.`,
    {
      remedy: 'Name the file once: after --legacy for JSON results, or after --rows for text.',
    },
  );
}

interface RejudgeFlags {
  readonly since: number;
  readonly until?: number;
  readonly camera?: string;
  readonly config: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

export function addRejudge(program: Command, { output }: CommandContext): void {
  program
    .command('rejudge')
    .description('judge stored passes again under another configuration; a dry run unless --apply is given')
    .requiredOption('--since <time>', `passes entered from then on: ${TIME_HELP}`, moment)
    .option('--until <time>', 'and before then', moment)
    .option('--camera <name>', 'only this camera')
    .requiredOption('-c, --config <file>', 'the new configuration; names the database too')
    .option('--apply', 'store the new judgements; the old ones are kept beside them')
    .option('--json', 'JSON instead of text')
    .addHelpText(
      'after',
      examples([
        'stopsign rejudge --since 2026-11-01 --config new.yaml',
        'stopsign rejudge --since 30d --camera front --config new.yaml --apply',
      ]),
    )
    .addHelpText('after', TIME_FORMS)
    .action(async ({ apply = false, json = false, ...flags }: RejudgeFlags) => {
      checkSpan(flags.since, flags.until);
      const { runRejudge } = await import('../rejudge.ts');
      output.out(await runRejudge({ ...flags, apply, json }));
    });
}

function checkSpan(since: number, until: number | undefined): void {
  if (until === undefined || until > since) return;
  throw new StopsignError('BAD_USAGE', 'The time asked for ends before it begins.', {
    remedy: '--until must be later than --since.',
  });
}

function moment(text: string): number {
  return timeArgument(text);
}
