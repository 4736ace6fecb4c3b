/** `stopsign replay`: a video, or recorded detections, judged losslessly; events out, a summary at the end. */

import { once } from 'node:events';
import { constants, createWriteStream, type WriteStream } from 'node:fs';
import { access } from 'node:fs/promises';
import type { InferenceSettings } from '../actors/inference/settings.ts';
import type { TrackerSettings } from '../actors/tracker/settings.ts';
import { configVersion } from '../config/config-version.ts';
import { loadConfigFile } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Site } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import { loadBackend } from '../media/decode/backend.ts';
import { type ReplayResult, replayDetections, replayVideo } from '../replay/replay.ts';
import type { DetectionsRecord } from '../rpc/records.ts';
import { systemClock } from '../telemetry/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { resolveCommandModel } from './command-model.ts';
import { readDetections } from './detections-file.ts';
import { startProgress } from './progress.ts';

export interface ReplayFlags {
  readonly video?: string | undefined;
  readonly detections?: string | undefined;
  readonly config: string;
  readonly out?: string | undefined;
  readonly detectionsOut?: string | undefined;
  /** Frames; with `detections` only. */
  readonly restartEvery?: number | undefined;
}

export interface ReplaySummary extends ReplayResult {
  readonly seconds: number;
}

/** What `stopsign replay` runs. */
export async function runReplay(flags: ReplayFlags): Promise<void> {
  process.stdout.write(describeReplay(await replayFile(flags)));
}

/** @throws StopsignError BAD_USAGE, BAD_CONFIG, BAD_INPUT, BAD_MODEL, INPUT_MISSING */
export async function replayFile(flags: ReplayFlags): Promise<ReplaySummary> {
  if ((flags.video === undefined) === (flags.detections === undefined)) {
    throw new StopsignError('BAD_USAGE', 'replay needs a video or --detections, and not both.');
  }
  if (flags.restartEvery !== undefined && flags.detections === undefined) {
    throw new StopsignError('BAD_USAGE', '--restart-every goes with --detections only.');
  }
  await assertReadable(flags.video ?? flags.detections ?? '');
  const { config } = loadConfigFile(flags.config);
  const site = config.site ?? config.cameras?.[0]?.site;
  if (!site)
    throw new StopsignError('BAD_CONFIG', `${flags.config} describes no site.`, { remedy: 'Add `site:` to it.' });
  const model = flags.video === undefined ? null : await resolveCommandModel(config);
  const camera = cameraName(config, site);
  const tracker: TrackerSettings = {
    camera,
    site,
    configVersion: configVersion(site),
    modelSha256: model?.sha256 ?? null,
    firstTrackId: 1,
  };
  const events = flags.out === undefined ? null : new LineFile(flags.out);
  const frames = flags.detectionsOut === undefined ? null : new LineFile(flags.detectionsOut);
  const common = {
    tracker,
    log: createLog({ process: 'replay' }).child({}, { level: 'warn' }),
    clock: systemClock,
    onEvent: (event: object) => events?.write(event),
    onFrame: (record: DetectionsRecord) => frames?.write(toLine(record)),
  };
  const began = performance.now();
  let progress = startProgress({ label: 'frames', total: 0 });
  const onProgress = (count: number): void => {
    const fps = (count * 1000) / (performance.now() - began);
    progress.update(count, `${fps.toFixed(0)} fps`);
  };
  try {
    const result =
      flags.video === undefined
        ? await replayDetections({
            ...common,
            onProgress,
            records: recordsOf(flags.detections as string, camera),
            restart: (count) => restartAt(count, flags.restartEvery),
          })
        : await replayVideo({
            ...common,
            onProgress,
            backend: await loadBackend(),
            path: flags.video,
            inference: inferenceSettings(config, camera, model as NonNullable<typeof model>),
            onOpen: ({ frameCount }) => {
              progress.stop();
              progress = startProgress({ label: 'frames', total: frameCount ?? 0 });
            },
          });
    return { ...result, seconds: (performance.now() - began) / 1000 };
  } finally {
    progress.stop();
    await events?.close();
    await frames?.close();
  }
}

/** By turns as an operator does it, and as a crash. */
function restartAt(count: number, every = Number.POSITIVE_INFINITY): 'stopped' | 'killed' | null {
  if (count % every !== 0) return null;
  return (count / every) % 2 === 0 ? 'killed' : 'stopped';
}

async function assertReadable(path: string): Promise<void> {
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw new StopsignError('INPUT_MISSING', `${path} cannot be read.`, {
      cause,
      remedy: 'Check the path and its rights.',
    });
  });
}

/** A few lines for people. */
export function describeReplay({ frames, seconds, passes, eventHash }: ReplaySummary): string {
  const total = Object.values(passes).reduce((sum, n) => sum + n, 0);
  const verdicts = Object.entries(passes).map(([verdict, n]) => `${n} ${verdict.replace('_', ' ')}`);
  return [
    `frames      ${frames} in ${seconds.toFixed(1)} s (${(frames / seconds).toFixed(1)} fps)`,
    `passes      ${total}${total > 0 ? ` (${verdicts.join(', ')})` : ''}`,
    `event hash  ${eventHash}`,
    '',
  ].join('\n');
}

/** The configured camera's name, else the site's, made fit for a name: never the file's, so that a copy gives the same events. */
function cameraName(config: Config, site: Site): string {
  const plain = site.name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return config.cameras?.[0]?.name ?? (plain.slice(0, 40) || 'replay');
}

function inferenceSettings(
  config: Config,
  camera: string,
  model: Awaited<ReturnType<typeof resolveCommandModel>>,
): InferenceSettings {
  return {
    cameras: [camera],
    model: {
      path: model.path,
      family: model.family ?? undefined,
      input: model.input ?? undefined,
      classes: model.classes ? [...model.classes] : undefined,
    },
    minScore: config.model.min_score,
    nmsIou: config.model.nms_iou,
    threads: config.model.threads ?? 2,
  };
}

async function* recordsOf(path: string, camera: string): AsyncGenerator<DetectionsRecord> {
  for await (const line of readDetections(path)) {
    const captureTsUs = Math.round(line.ts_utc * 1e6);
    yield {
      camera,
      frame: line.frame,
      epoch: 1,
      rtp: Math.round(captureTsUs * 0.09) >>> 0,
      captureTsUs,
      width: line.width,
      height: line.height,
      detections: line.detections,
      ...(line.view && { view: line.view }),
      stages: { received: captureTsUs, decoded: captureTsUs },
    };
  }
}

function toLine({ captureTsUs, frame, width, height, detections, view }: DetectionsRecord): object {
  return { ts_utc: captureTsUs / 1e6, frame, width, height, detections, ...(view && { view }) };
}

/** NDJSON into a file. */
class LineFile {
  private readonly stream: WriteStream;
  private failure: StopsignError | null = null;

  constructor(path: string) {
    this.stream = createWriteStream(path);
    this.stream.on('error', (cause) => {
      this.failure = new StopsignError('BAD_USAGE', `${path} cannot be written.`, {
        cause,
        remedy: 'Check folder and rights.',
      });
    });
  }

  write(value: object): void {
    if (this.failure) throw this.failure;
    this.stream.write(`${JSON.stringify(value)}\n`);
  }

  async close(): Promise<void> {
    if (this.failure) throw this.failure;
    this.stream.end();
    await once(this.stream, 'close');
  }
}
