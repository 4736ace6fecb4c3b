/** The commands that work on recordings: `replay` and `track`. Called by program.ts. */
import { type Command, Option } from 'commander';
import { TRACKERS } from '../../domain/tracking/trackers.ts';
import { StopsignError } from '../../errors.ts';
import type { TrackOptions } from '../track-command.ts';
import type { CommandContext } from './command-context.ts';
import { examples } from './help-words.ts';
import { fraction, positive } from './number-arguments.ts';

interface ReplayFlags {
  readonly config: string;
  readonly detections?: string;
  readonly out?: string;
  readonly detectionsOut?: string;
  readonly restartEvery?: number;
}

export function addReplay(program: Command): void {
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
      const { runReplay } = await import('../replay.ts');
      await runReplay({ ...(video === undefined ? {} : { video }), ...flags });
    });
}

export function addTrack(program: Command, { output }: CommandContext): void {
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
      const { runTrack } = await import('../track-command.ts');
      output.out(runTrack(flags));
    });
}
