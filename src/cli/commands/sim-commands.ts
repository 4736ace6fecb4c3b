/** `stopsign sim …`: the synthetic intersection. Called by program.ts. */
import { type Command, InvalidArgumentError } from 'commander';
import type { SimScoreFlags, SimTruthFlags } from '../sim.ts';
import type { SimRenderFlags } from '../sim-render.ts';
import type { CommandContext } from './command-context.ts';
import { examples } from './help-words.ts';
import { fraction, notNegative, positive, wholeNumber } from './number-arguments.ts';

const SCENARIO_HELP = 'a name (see: stopsign sim list) or a file';

export function addSim(program: Command, { output }: CommandContext): void {
  const sim = program.command('sim').description('the synthetic intersection: footage of our own with exact truth');
  sim
    .command('list')
    .description('the scenarios that come with the program')
    .addHelpText('after', examples(['stopsign sim list']))
    .action(async () => {
      const { simList } = await import('../sim.ts');
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
      const { simRender } = await import('../sim-render.ts');
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
      const { simTruth } = await import('../sim.ts');
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
      const { simScore } = await import('../sim.ts');
      output.out(await simScore(flags));
    });
}

function pictureSize(text: string): { width: number; height: number } {
  const [width, height] = text.split('x').map(Number);
  const isFit = (side: number | undefined) =>
    Number.isInteger(side) && (side as number) >= 120 && (side as number) % 2 === 0;
  if (/^\d+x\d+$/.test(text) && isFit(width) && isFit(height))
    return { width: width as number, height: height as number };
  throw new InvalidArgumentError('It must be two even numbers of at least 120, such as 1280x720.');
}
