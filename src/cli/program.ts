/** The sub-commands with their options and help; each action loads its own file. Called by `cli.ts` and tests. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { MODELS_DIR } from '../config/project-files.ts';
import { TRACKERS } from '../domain/tracking/trackers.ts';
import { describeError, ERROR_CODES, StopsignError } from '../errors.ts';
import { PARTS, PROCESS_FAULTS, ROOM_FAULTS } from '../rpc/fault.ts';
import type { SimScoreFlags, SimTruthFlags } from './sim.ts';
import type { SimRenderFlags } from './sim-render.ts';
import { timeArgument } from './time-argument.ts';
import type { TrackOptions } from './track-command.ts';

/** Where the words go; tests pass their own. */
export interface ProgramOutput {
  out(text: string): void;
  err(text: string): void;
}

const terminal: ProgramOutput = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** @param args without node and script. Resolves with the exit code; never throws for a fault of the user. */
export async function runProgram(args: readonly string[], output: ProgramOutput = terminal): Promise<number> {
  let exitCode = 0;
  const program = createProgram(output, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args as string[], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ERROR_CODES.BAD_USAGE;
    output.err(`${describeError(error)}\n`);
    if (process.env['STOPSIGN_LOG_LEVEL'] === 'debug' && error instanceof Error) output.err(`${error.stack}\n`);
    return StopsignError.from(error).exitCode;
  }
}

function createProgram(output: ProgramOutput, exitWith: (code: number) => void): Command {
  const program = new Command('stopsign')
    .description('Watches a stop sign: finds and follows vehicles, judges whether they stopped, shows it live.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .addHelpText('after', EXIT_CODES);
  addUp(program, exitWith);
  addReplay(program);
  addTrack(program, output);
  addScore(program, output);
  addRejudge(program, output);
  addSim(program, output);
  addModels(program);
  addDoctor(program, output, exitWith);
  addFault(program, output);
  return program;
}

const EXIT_CODES = `
Exit codes: 0 ok · 64 bad usage or configuration · 66 input missing · 69 something needed is not available · 70 internal`;

function addUp(program: Command, exitWith: (code: number) => void): void {
  program
    .command('up')
    .description('start everything: database, media hub, analyzer and the web page')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--enable-faults', 'let an admin make parts fail on purpose (stopsign fault): never where it matters')
    .addHelpText('after', examples(['stopsign up', 'stopsign up --config front-yard.yaml', 'PORT=8081 stopsign up']))
    .action(async ({ enableFaults = false, ...options }: { config?: string; enableFaults?: boolean }) => {
      const { runUp } = await import('./up.ts');
      exitWith(await runUp({ ...options, faults: enableFaults }));
    });
}

const CONFIG_HELP = 'configuration (default: STOPSIGN_CONFIG, ./stopsign.yaml, the demo)';

interface ReplayFlags {
  readonly config: string;
  readonly detections?: string;
  readonly out?: string;
  readonly detectionsOut?: string;
  readonly restartEvery?: number;
}

function addReplay(program: Command): void {
  program
    .command('replay')
    .description('judge a recording, every frame, as fast as it goes; the same input gives the same events')
    .argument('[video]', 'video file to decode and judge')
    .requiredOption('-c, --config <file>', 'configuration; a file with only `site:` is enough')
    .option('--detections <file>', 'recorded detections (NDJSON) instead of a video: needs no model')
    .option('--out <file>', 'write the events (NDJSON)')
    .option('--detections-out <file>', 'write the detections (NDJSON)')
    .option(
      '--restart-every <frames>',
      'with --detections: replace the tracker so often; the events stay the same',
      positive,
    )
    .addHelpText(
      'after',
      examples([
        'stopsign replay clip.mp4 --config site.yaml --out events.ndjson --detections-out det.ndjson',
        'stopsign replay --detections det.ndjson --config site.yaml --out events.ndjson',
        'stopsign replay --detections det.ndjson --config site.yaml --restart-every 50',
      ]),
    )
    .action(async (video: string | undefined, flags: ReplayFlags) => {
      if ((video === undefined) === (flags.detections === undefined)) {
        throw new StopsignError('BAD_USAGE', 'Replay needs either a video or --detections.', {
          remedy: 'See: stopsign replay --help',
        });
      }
      const { runReplay } = await import('./replay.ts');
      await runReplay({ ...(video === undefined ? {} : { video }), ...flags });
    });
}

function addTrack(program: Command, output: ProgramOutput): void {
  program
    .command('track')
    .description('follow objects through detections, and score tracks against labels (HOTA, MOTA, IDF1)')
    .option('--mot <file>', 'detections: frame,-1,left,top,width,height,score,…')
    .option('--kitti <file>', 'detections: frame,left,top,right,bottom,score with frames counted from 0')
    .option('--tracks <file>', 'tracks that somebody made, to score: frame,id,left,top,width,height,…')
    .option('--fps <number>', 'frames per second of the recording', positive)
    .option('--out <file>', 'write the tracks: frame,id,left,top,width,height,score,-1,-1,-1')
    .addOption(new Option('--tracker <name>', 'which tracker').choices([...TRACKERS]).default('bytetrack'))
    .option('--score <labels>', 'score the tracks: labels of MOT (frame,id,left,top,…) or of KITTI tracking')
    .option('--json', 'print the score as JSON')
    .option('--activation <score>', 'bytetrack: a track begins at this score', fraction, 0.25)
    .option('--lost-buffer <frames>', 'bytetrack: a lost track is kept this long, in frames at 30 fps', positive, 30)
    .option('--match <cost>', 'bytetrack: highest cost (1 − IoU × score) of a match', fraction, 0.8)
    .addHelpText(
      'after',
      examples([
        'stopsign track --mot det.txt --fps 25 --out tracks.txt',
        'stopsign track --mot det.txt --fps 25 --tracker stopsign --score gt.txt',
        'stopsign track --tracks theirs.txt --score gt.txt --json',
      ]),
    )
    .action(async (flags: TrackOptions) => {
      const { runTrack } = await import('./track-command.ts');
      output.out(runTrack(flags));
    });
}

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

const A_WEEK_S = 7 * 86_400;

function addScore(program: Command, output: ProgramOutput): void {
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
    .action(async (flags: ScoreFlags) => {
      const { camera, legacy, config, until, json = false } = flags;
      const rows = flags.rows ?? (typeof legacy === 'string' ? legacy : undefined);
      if (legacy !== undefined && rows !== undefined) {
        const { scoreLegacy } = await import('./score-legacy.ts');
        output.out(scoreLegacy({ ...flags, rows, json: json || flags.rows === undefined }));
      } else if (legacy === undefined && rows === undefined && camera !== undefined) {
        const { scoreSite } = await import('./score.ts');
        const since = flags.since ?? Date.now() / 1000 - A_WEEK_S;
        output.out(await scoreSite({ camera, since, until, config, json }));
      } else {
        throw new StopsignError('BAD_USAGE', 'Score needs either --camera, or --legacy with a file of rows.', {
          remedy: 'See: stopsign score --help',
        });
      }
    });
}

const TIME_HELP = 'a date (2026-11-01), a moment (2026-11-01T12:00Z) or so long ago (7d, 12h)';

interface RejudgeFlags {
  readonly since: number;
  readonly until?: number;
  readonly camera?: string;
  readonly config: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

function addRejudge(program: Command, output: ProgramOutput): void {
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
    .action(async ({ apply = false, json = false, ...flags }: RejudgeFlags) => {
      const { runRejudge } = await import('./rejudge.ts');
      output.out(await runRejudge({ ...flags, apply, json }));
    });
}

function moment(text: string): number {
  return timeArgument(text);
}

function addSim(program: Command, output: ProgramOutput): void {
  const sim = program.command('sim').description('the synthetic intersection: footage of our own with exact truth');
  sim
    .command('list')
    .description('the scenarios that come with the program')
    .addHelpText('after', examples(['stopsign sim list']))
    .action(async () => {
      const { simList } = await import('./sim.ts');
      output.out(simList());
    });
  sim
    .command('render')
    .description(
      'render a scenario to a clip, with its truth and site configuration beside it; goes on where it was interrupted',
    )
    .argument('<scenario>', SCENARIO_HELP)
    .option('--out <file>', 'the clip (default: SCENARIO.mp4)')
    .option('--fps <number>', 'frames per second (default: as the scenario says)', positive)
    .option('--size <WxH>', 'pixels, e.g. 1280x720 (default: as the scenario says)', pictureSize)
    .option('--no-resume', 'begin anew even where a render was interrupted')
    .addHelpText(
      'after',
      examples(['stopsign sim render demo --out demo/demo.mp4', 'stopsign sim render night --size 640x360']),
    )
    .action(async (name: string, flags: SimRenderFlags) => {
      const { simRender } = await import('./sim-render.ts');
      output.out(await simRender(name, flags));
    });
  sim
    .command('truth')
    .description('what is true of a scenario, and what an imagined detector would see, without rendering')
    .argument('<scenario>', SCENARIO_HELP)
    .option('--detections <file>', 'write synthetic detections (NDJSON)')
    .option('--truth <file>', 'write the truth, frame by frame (NDJSON)')
    .option('--site <file>', 'write the site configuration of the true camera (YAML)')
    .option('--noise <px>', 'standard deviation of each box edge', notNegative, 1)
    .option('--drift <share>', 'share of that variance that drifts instead of jumping', fraction, 0.5)
    .option('--miss <share>', 'share of boxes that are missed', fraction, 0.03)
    .option('--invented <share>', 'invented boxes per frame', fraction, 0.005)
    .option('--jitter <ms>', 'standard deviation of the time stamps', notNegative, 2)
    .option('--fps <number>', 'frames per second of the detections (default: as the scenario says)', positive)
    .option('--seed <number>', 'seed of the faults (default: the scenario’s)', wholeNumber)
    .option('--scenario-seed <number>', 'seed of the scenario’s own dice', wholeNumber)
    .option('--start-utc <seconds>', 'UTC of the clip’s second 0', notNegative, 0)
    .option('--laps <number>', 'how often a looping scenario is played', positive, 1)
    .addHelpText(
      'after',
      examples([
        'stopsign sim truth queue-of-two --detections det.ndjson --truth truth.ndjson --site site.yaml',
        'stopsign sim truth demo --detections det.ndjson --noise 1.0 --miss 0.03 --fps 15 --seed 7',
      ]),
    )
    .action(async (name: string, flags: SimTruthFlags) => {
      const { simTruth } = await import('./sim.ts');
      output.out(await simTruth(name, flags));
    });
  sim
    .command('score')
    .description('compare the events of a run with the truth')
    .requiredOption('--events <file>', 'events of `stopsign replay` or an export (NDJSON)')
    .requiredOption('--truth <file>', 'the clip’s truth (NDJSON)')
    .option('--detections <file>', 'detections of the run (NDJSON): recall and ground contact too')
    .option('--min-score <score>', 'fainter detections do not count', fraction, 0.25)
    .option('--start-utc <seconds>', 'UTC of the clip’s second 0 (default: found by the passes)', notNegative)
    .option('--json', 'JSON instead of tables')
    .addHelpText(
      'after',
      examples(['stopsign sim score --events events.ndjson --truth demo/demo.truth.ndjson --detections det.ndjson']),
    )
    .action(async (flags: SimScoreFlags) => {
      const { simScore } = await import('./sim.ts');
      output.out(await simScore(flags));
    });
}

const SCENARIO_HELP = 'a name (see: stopsign sim list) or a file';

function addModels(program: Command): void {
  const models = program.command('models').description('the detectors StopSign knows');
  models
    .command('list')
    .description('name, size, licence and whether it is here')
    .addHelpText('after', examples(['stopsign models list']))
    .action(async () => {
      const { listModels } = await import('./models.ts');
      await listModels(modelPlaces());
    });
  models
    .command('pull')
    .description('fetch a detector and check its sha256; without a name, the first that can be had')
    .argument('[name]', 'a name from the list')
    .addHelpText('after', examples(['stopsign models pull', 'stopsign models pull yolox-nano']))
    .action(async (name: string | undefined) => {
      const { pullModel } = await import('./models.ts');
      await pullModel(name, modelPlaces());
    });
}

function modelPlaces() {
  return { modelsDir: MODELS_DIR, env: process.env, out: process.stdout };
}

function addDoctor(program: Command, output: ProgramOutput, exitWith: (code: number) => void): void {
  program
    .command('doctor')
    .description('check what StopSign needs: one line each, ok or the remedy')
    .option('-c, --config <file>', CONFIG_HELP)
    .addHelpText('after', examples(['stopsign doctor', 'stopsign doctor --config front-yard.yaml']))
    .action(async (options: { config?: string }) => {
      const { runDoctor } = await import('./doctor.ts');
      exitWith(await runDoctor(options, output));
    });
}

interface FaultFlags {
  readonly config?: string;
  readonly port?: number;
  readonly seconds?: number;
  readonly factor?: number;
}

function addFault(program: Command, output: ProgramOutput): void {
  program
    .command('fault')
    .description('make a part of a running house fail on purpose, to see it recover; only after up --enable-faults')
    .argument('<room>', `an actor (inference, tracker:CAMERA …), supervisor, or ${PARTS.join(', ')}`)
    .addArgument(
      new Argument('<kind>', 'what happens to it').choices([...new Set([...ROOM_FAULTS, ...PROCESS_FAULTS])]),
    )
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--port <number>', 'of the page (default: PORT, gateway.port)', wholeNumber)
    .option('--seconds <number>', 'how long a fault lasts that passes by itself (default: 10)', positive)
    .option('--factor <number>', 'how much slower, for slow (default: 10)', positive)
    .addHelpText(
      'after',
      examples([
        'stopsign fault inference hang',
        'stopsign fault tracker:front slow --factor 20 --seconds 30',
        'stopsign fault postgres stop --seconds 120',
      ]),
    )
    .action(async (room: string, kind: string, flags: FaultFlags) => {
      const { runFault } = await import('./fault.ts');
      output.out(await runFault({ room, kind, ...flags }));
    });
}

function examples(lines: readonly string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('It must be a number of at least 0.');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value;
  throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
}

function pictureSize(text: string): { width: number; height: number } {
  const [width, height] = text.split('x').map(Number);
  const isFit = (side: number | undefined) =>
    Number.isInteger(side) && (side as number) >= 120 && (side as number) % 2 === 0;
  if (/^\d+x\d+$/.test(text) && isFit(width) && isFit(height))
    return { width: width as number, height: height as number };
  throw new InvalidArgumentError('It must be two even numbers of at least 120, such as 1280x720.');
}
