/**
 * The truth of a clip as NDJSON (`<clip>.truth.ndjson`): a header, a line for every frame, the expected passes last.
 * Written by `sim render` and `sim truth`, read by `sim score` and the live page. The format is in docs/sim.md.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Box } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import { type ExpectedPass, expectedPasses } from './expected-pass.ts';
import { pinhole } from './pinhole.ts';
import type { Lane, Scenario } from './scenario.ts';
import { type SeenBody, seenBodies } from './seen.ts';
import { frameTimes, pictureShift, shownTime, worldAt } from './world.ts';

export const TRUTH_VERSION = 1;

export interface TruthHeader {
  readonly type: 'header';
  readonly v: number;
  readonly scenario: string;
  readonly description: string;
  readonly seed: number;
  readonly fps: number;
  readonly frames: number;
  readonly duration_s: number;
  readonly loop: boolean;
  readonly width: number;
  readonly height: number;
  readonly units: 'km/h' | 'mph';
  readonly camera: {
    readonly position: readonly number[];
    readonly look_at: readonly number[];
    readonly fov_deg: number;
  };
  readonly disturbance: Scenario['disturbance'] | null;
}

/** A body in a frame. Boxes and points are pixels, ground and front metres, speeds m/s. */
export interface TruthBody {
  readonly id: string;
  readonly body: string;
  readonly vehicle: string | null;
  readonly lane: Lane | null;
  /** Middle of the footprint, world [x, z]. */
  readonly ground: readonly [number, number];
  readonly heading: number;
  readonly speed: number;
  readonly acceleration: number;
  /** Front bumper to the line, negative beyond it; null off the judged lane. */
  readonly to_line: number | null;
  /** Clipped to the picture. */
  readonly box: Box;
  /** Share of the whole box inside the picture. */
  readonly inside: number;
  /** Share of the visible part hidden behind other bodies. */
  readonly occluded: number;
  /** Bottom centre of the unclipped box. */
  readonly contact: readonly [number, number];
  /** The middle of the footprint in the picture. */
  readonly middle: readonly [number, number];
}

export interface TruthFrame {
  readonly type: 'frame';
  readonly frame: number;
  /** Capture time, seconds of the clip. */
  readonly t: number;
  /** The moment the picture shows, where that is another one (a frozen picture). */
  readonly shown?: number;
  readonly bodies: readonly TruthBody[];
}

export interface TruthPasses {
  readonly type: 'passes';
  readonly passes: readonly ExpectedPass[];
}

export type TruthLine = TruthHeader | TruthFrame | TruthPasses;

export interface Truth {
  readonly header: TruthHeader;
  readonly frames: readonly TruthFrame[];
  readonly passes: readonly ExpectedPass[];
}

/** @param size the rendered size, when it is not the scenario's own */
export function* truthLines(scenario: Scenario, fps: number = scenario.fps): Generator<TruthLine> {
  const times = frameTimes(scenario, fps);
  yield truthHeader(scenario, fps, times.length);
  for (let frame = 0; frame < times.length; frame++) yield truthFrame(scenario, frame, times[frame] as number);
  yield { type: 'passes', passes: expectedPasses(scenario).map(roundPass) };
}

export function truthOf(scenario: Scenario, fps: number = scenario.fps): Truth {
  const times = frameTimes(scenario, fps);
  return {
    header: truthHeader(scenario, fps, times.length),
    frames: times.map((t, frame) => truthFrame(scenario, frame, t)),
    passes: expectedPasses(scenario),
  };
}

/** Exact; what a frame captured at `t` shows. */
export function truthFrame(scenario: Scenario, frame: number, t: number): TruthFrame {
  const shown = shownTime(scenario, t);
  const camera = pinhole(scenario.camera, scenario.size);
  const bodies = seenBodies(camera, worldAt(scenario, shown), pictureShift(scenario, t)).map(truthBody);
  return { type: 'frame', frame, t: round(t, 6), ...(shown === t ? {} : { shown: round(shown, 6) }), bodies };
}

function truthHeader(scenario: Scenario, fps: number, frames: number): TruthHeader {
  const { camera, size } = scenario;
  return {
    type: 'header',
    v: TRUTH_VERSION,
    scenario: scenario.name,
    description: scenario.description,
    seed: scenario.seed,
    fps,
    frames,
    duration_s: scenario.durationS,
    loop: scenario.loop,
    width: size.width,
    height: size.height,
    units: scenario.site.units,
    camera: { position: camera.position, look_at: camera.lookAt, fov_deg: camera.fovDeg },
    disturbance: scenario.disturbance ?? null,
  };
}

function truthBody({ state, box, inside, occluded, contactPx, middlePx }: SeenBody): TruthBody {
  return {
    id: state.id,
    body: state.body,
    vehicle: state.vehicle,
    lane: state.lane,
    ground: [round(state.center[0], 3), round(state.center[1], 3)],
    heading: round(state.heading, 4),
    speed: round(state.speedMps, 3),
    acceleration: round(state.accelerationMps2, 3),
    to_line: state.lane === 'judged' ? round(-state.front, 3) : null,
    box: box.map((v) => round(v, 2)) as unknown as Box,
    inside: round(inside, 3),
    occluded: round(occluded, 2),
    contact: [round(contactPx[0], 2), round(contactPx[1], 2)],
    middle: [round(middlePx[0], 2), round(middlePx[1], 2)],
  };
}

function roundPass(pass: ExpectedPass): ExpectedPass {
  return Object.fromEntries(
    Object.entries(pass).map(([key, value]) => [key, typeof value === 'number' ? round(value, 4) : value]),
  ) as unknown as ExpectedPass;
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits + 0;
}

/** @throws StopsignError INPUT_MISSING, BAD_INPUT naming file and line */
export async function readTruth(path: string): Promise<Truth> {
  let header: TruthHeader | null = null;
  const frames: TruthFrame[] = [];
  let passes: readonly ExpectedPass[] | null = null;
  for await (const [line, place] of linesOf(path)) {
    const value = parseLine(line, place);
    if (value.type === 'header') {
      if (value.v !== TRUTH_VERSION) throw notTruth(place, `version ${TRUTH_VERSION} is expected, this is ${value.v}`);
      header = value;
    } else if (value.type === 'frame') frames.push(value);
    else if (value.type === 'passes') passes = value.passes;
  }
  if (!header || !passes) throw notTruth(path, 'a header in the first line and the passes in the last are expected');
  return { header, frames, passes };
}

async function* linesOf(path: string): AsyncGenerator<[string, string]> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (line.trim() !== '') yield [line, `${path}:${number}`];
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw new StopsignError('INPUT_MISSING', `${path} cannot be read.`, { cause, remedy: 'Check the path.' });
  }
}

function parseLine(text: string, place: string): TruthLine {
  try {
    return JSON.parse(text) as TruthLine;
  } catch (cause) {
    throw notTruth(place, 'this is no JSON', cause);
  }
}

function notTruth(place: string, what: string, cause?: unknown): StopsignError {
  return new StopsignError('BAD_INPUT', `${place}: ${what}.`, {
    remedy: 'A truth file comes from: stopsign sim truth SCENARIO --truth FILE',
    ...(cause === undefined ? {} : { cause }),
  });
}
