/** `stopsign sim truth` and `sim score`: exact truth and synthetic detections of a scenario, and a run compared with it. */
import { once } from 'node:events';
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { DomainEvent } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import { expectedPasses } from '../sim/expected-pass.ts';
import { FAULTLESS, observe } from '../sim/observe.ts';
import type { Scenario } from '../sim/scenario.ts';
import { loadScenario, scenarioNames } from '../sim/scenario-file.ts';
import { type Score, score } from '../sim/score/score.ts';
import type { TimedDetections } from '../sim/score/score-boxes.ts';
import { scoreTable } from '../sim/score/score-table.ts';
import { siteYaml } from '../sim/site-of.ts';
import { readTruth, truthLines } from '../sim/truth-file.ts';
import { readDetections } from './detections-file.ts';

export interface SimTruthFlags {
  readonly detections?: string | undefined;
  /** Truth file. */
  readonly truth?: string | undefined;
  /** Site configuration file. */
  readonly site?: string | undefined;
  readonly noise: number;
  readonly drift: number;
  readonly miss: number;
  readonly invented: number;
  readonly jitter: number;
  readonly fps?: number | undefined;
  readonly seed?: number | undefined;
  readonly scenarioSeed?: number | undefined;
  readonly startUtc: number;
  readonly laps: number;
}

/** Writes what was asked for; returns a few lines for people. @throws BAD_CONFIG, BAD_USAGE, INPUT_MISSING */
export async function simTruth(nameOrPath: string, flags: SimTruthFlags): Promise<string> {
  const scenario = loadScenario(nameOrPath, flags.scenarioSeed === undefined ? {} : { seed: flags.scenarioSeed });
  const wrote: string[] = [];
  if (flags.site !== undefined) {
    writeText(flags.site, siteText(scenario));
    wrote.push(`site        ${flags.site}`);
  }
  if (flags.truth !== undefined) {
    const frames = await writeLines(flags.truth, truthLines(scenario));
    wrote.push(`truth       ${flags.truth} (${frames - 2} frames)`);
  }
  if (flags.detections !== undefined) {
    const frames = await writeLines(flags.detections, detectionLines(scenario, flags));
    wrote.push(`detections  ${flags.detections} (${frames} frames)`);
  }
  return [describePasses(scenario), ...wrote, ''].join('\n');
}

function siteText(scenario: Scenario): string {
  try {
    return siteYaml(scenario);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new StopsignError('BAD_CONFIG', `${scenario.name}: camera: ${cause.message}`, {
      remedy: 'docs/sim.md names cameras that see the line.',
      cause,
    });
  }
}

function* detectionLines(scenario: Scenario, flags: SimTruthFlags): Generator<object> {
  const options = {
    ...FAULTLESS,
    noisePx: flags.noise,
    drift: flags.drift,
    miss: flags.miss,
    invented: flags.invented,
    jitterS: flags.jitter / 1000,
    seed: flags.seed ?? scenario.seed,
    startUtc: flags.startUtc,
    laps: flags.laps,
    fps: flags.fps ?? scenario.fps,
  };
  const { width, height } = scenario.size;
  for (const { tsUtc, frame, detections } of observe(scenario, options)) {
    yield {
      ts_utc: tsUtc,
      frame,
      width,
      height,
      detections: detections.map(({ bbox, score: s, class: name }) => ({
        bbox: bbox.map((v) => Math.round(v * 1000) / 1000),
        score: Math.round(s * 1000) / 1000,
        class: name,
      })),
    };
  }
}

function describePasses(scenario: Scenario): string {
  const { units } = scenario.site;
  const passes = expectedPasses(scenario).map((pass) => {
    const how =
      pass.stopped_s > 0 ? `stands ${pass.stopped_s.toFixed(2)} s` : `slowest ${pass.min_speed.toFixed(1)} ${units}`;
    return `  ${pass.entered_s.toFixed(1).padStart(6)} s  ${pass.id}: ${pass.verdict.replace('_', ' ')}, ${how}`;
  });
  return [`${scenario.name}: ${scenario.description}`, ...(passes.length > 0 ? passes : ['  no pass'])].join('\n');
}

/** Names and descriptions of the scenarios that come with the program. */
export function simList(): string {
  return scenarioNames()
    .map((name) => {
      const { description, durationS, size, fps } = loadScenario(name);
      return `${name.padEnd(24)} ${String(durationS).padStart(3)} s  ${size.width}×${size.height} @ ${fps}  ${description}\n`;
    })
    .join('');
}

export interface SimScoreFlags {
  readonly events: string;
  readonly truth: string;
  readonly detections?: string | undefined;
  readonly minScore?: number | undefined;
  readonly startUtc?: number | undefined;
  readonly json?: boolean | undefined;
}

export async function simScore(flags: SimScoreFlags): Promise<string> {
  const result = await scoreFiles(flags);
  return flags.json ? `${JSON.stringify(result, null, 2)}\n` : scoreTable(result);
}

/** @throws BAD_INPUT, INPUT_MISSING */
export async function scoreFiles({ events, truth, detections, minScore, startUtc }: SimScoreFlags): Promise<Score> {
  return score(await readTruth(truth), {
    events: await readEvents(events),
    ...(detections === undefined ? {} : { detections: await readAll(detections) }),
    ...(minScore === undefined ? {} : { minScore }),
    ...(startUtc === undefined ? {} : { startUtc }),
  });
}

async function readAll(path: string): Promise<TimedDetections[]> {
  const frames: TimedDetections[] = [];
  try {
    for await (const { ts_utc, detections } of readDetections(path)) frames.push({ tsUtc: ts_utc, detections });
  } catch (cause) {
    throw cause instanceof StopsignError ? cause : missing(path, cause);
  }
  return frames;
}

async function readEvents(path: string): Promise<DomainEvent[]> {
  const events: DomainEvent[] = [];
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (line.trim() === '') continue;
      const event = JSON.parse(line) as { type?: unknown };
      if (typeof event?.type !== 'string') throw new SyntaxError('no type');
      events.push(event as DomainEvent);
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw missing(path, cause);
    throw new StopsignError('BAD_INPUT', `${path}:${number}: this is no event.`, {
      cause,
      remedy: 'Events come from: stopsign replay … --out events.ndjson',
    });
  }
  return events;
}

function missing(path: string, cause: unknown): StopsignError {
  return new StopsignError('INPUT_MISSING', `${path} cannot be read.`, {
    cause,
    remedy: 'Check the path and its rights.',
  });
}

function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

async function writeLines(path: string, lines: Iterable<object>): Promise<number> {
  const stream = createWriteStream(path);
  const failed = new Promise<never>((_resolve, reject) =>
    stream.once('error', (cause) => reject(unwritable(path, cause))),
  );
  failed.catch(() => {});
  let count = 0;
  for (const line of lines) {
    count += 1;
    if (!stream.write(`${JSON.stringify(line)}\n`)) await Promise.race([once(stream, 'drain'), failed]);
  }
  stream.end();
  await Promise.race([once(stream, 'close'), failed]);
  return count;
}

function unwritable(path: string, cause: unknown): StopsignError {
  return new StopsignError('BAD_USAGE', `${path} cannot be written.`, { cause, remedy: 'Check folder and rights.' });
}
