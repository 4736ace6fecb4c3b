/**
 * Reads scenario files: form, dice, behaviours, and whether every actor can do what it should. Called by the commands
 * and tests. Throws BAD_CONFIG naming file, line, column and key of every fault, INPUT_MISSING when there is no file.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { didYouMean } from '../config/did-you-mean.ts';
import { issueSentence } from '../config/issue-sentence.ts';
import { PROJECT_ROOT } from '../config/project-files.ts';
import { schemaKeys } from '../config/schema-keys.ts';
import { type KeyPath, SourceText } from '../config/source-text.ts';
import { StopsignError } from '../errors.ts';
import { CAMERAS } from './cameras.ts';
import { throwDice } from './dice.ts';
import { ActorFault, resolveActors } from './resolve-actors.ts';
import type { Disturbance, Scenario } from './scenario.ts';
import { type ActorFile, actorSchemas, type Behaviour, type FrameFile, frameSchema } from './scenario-schema.ts';

export interface ParseOptions {
  /** As the user named the file, for error sentences. */
  readonly file?: string;
  /** Instead of the file's own seed: other dice, other noise. */
  readonly seed?: number;
}

/** The scenarios that come with the program. */
export const SCENARIOS_DIR = join(PROJECT_ROOT, 'sim', 'scenarios');
const REMEDY = 'docs/sim.md explains every key of a scenario.';

/** Names of the scenarios that come with the program. */
export function scenarioNames(dir: string = SCENARIOS_DIR): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/** @param nameOrPath a file, or the name of a scenario that comes with the program */
export function loadScenario(nameOrPath: string, options: Omit<ParseOptions, 'file'> = {}): Scenario {
  const path = statSync(nameOrPath, { throwIfNoEntry: false })?.isFile()
    ? resolve(nameOrPath)
    : join(SCENARIOS_DIR, `${nameOrPath}.yaml`);
  const shown = relative(process.cwd(), path);
  try {
    return parseScenario(readFileSync(path, 'utf8'), {
      ...options,
      file: shown.length < path.length && !shown.startsWith('..') ? shown : path,
    });
  } catch (cause) {
    if (cause instanceof StopsignError) throw cause;
    const names = scenarioNames();
    const near = didYouMean(nameOrPath, names);
    throw new StopsignError('INPUT_MISSING', `There is no scenario "${nameOrPath}", neither a file nor a known name.`, {
      remedy: near ? `Did you mean "${near}"?` : `Known names: ${names.join(', ')}.`,
      cause,
    });
  }
}

export function parseScenario(text: string, { file = 'scenario', seed }: ParseOptions = {}): Scenario {
  const source = readSource(file, text);
  const said = seedOf(source.value);
  const value = throwDice(source.value, seed ?? said);
  const frame = frameSchema.safeParse(value);
  const actors = parseActors(value, source);
  const faults = frame.success
    ? [...crossFaults(frame.data, source), ...actors.faults]
    : [...sentences(frame.error.issues, source, (path) => schemaKeys(frameSchema, path)), ...actors.faults];
  if (!frame.success || faults.length > 0) throw bad(faults.join('\n'));
  try {
    return toScenario(seed === undefined ? frame.data : { ...frame.data, seed }, resolveActors(actors.files));
  } catch (error) {
    if (!(error instanceof ActorFault)) throw error;
    const path = ['actors', error.index, error.key];
    throw bad(`${source.locate(path)} actors[${error.index}].${error.key}: ${error.message}`);
  }
}

function readSource(file: string, text: string): SourceText {
  try {
    return new SourceText(file, text);
  } catch (error) {
    throw error instanceof StopsignError ? bad(error.message, error) : error;
  }
}

function bad(message: string, cause?: unknown): StopsignError {
  return new StopsignError('BAD_CONFIG', message, cause === undefined ? { remedy: REMEDY } : { remedy: REMEDY, cause });
}

function seedOf(value: unknown): number {
  const seed = (value as { seed?: unknown } | null)?.seed;
  return typeof seed === 'number' ? seed : 1;
}

/** Each actor by the schema of what it does. */
function parseActors(value: unknown, source: SourceText): { files: ActorFile[]; faults: string[] } {
  const files: ActorFile[] = [];
  const faults: string[] = [];
  const list = (value as { actors?: unknown } | null)?.actors;
  if (!Array.isArray(list)) return { files, faults };
  const behaviours = Object.keys(actorSchemas);
  list.forEach((actor: unknown, index) => {
    const path: KeyPath = ['actors', index];
    const does = (actor as { does?: unknown } | null)?.does;
    if (typeof does !== 'string' || !behaviours.includes(does)) {
      const found = source.found([...path, 'does']);
      const near = typeof does === 'string' ? didYouMean(does, behaviours) : null;
      faults.push(
        `${source.locate([...path, 'does'])} actors[${index}].does: ${found === undefined ? 'is missing, ' : ''}expected one of ${behaviours.join(', ')}${found === undefined ? '' : `, found ${found}`}.${near ? ` Did you mean "${near}"?` : ''}`,
      );
      return;
    }
    const schema = actorSchemas[does as Behaviour];
    const result = schema.safeParse(actor);
    if (result.success) files.push(result.data as ActorFile);
    else {
      const issues = result.error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
      faults.push(...sentences(issues, source, (at) => schemaKeys(schema, at.slice(2))));
    }
  });
  return { files, faults };
}

type Issues = readonly Parameters<typeof issueSentence>[0][];

function sentences(issues: Issues, source: SourceText, known: (path: KeyPath) => readonly string[]): string[] {
  return issues.map((issue) => issueSentence(issue, source, known));
}

/** What one key says about another. */
function* crossFaults(frame: FrameFile, source: SourceText): Generator<string> {
  const { freeze, variable_fps: variable } = frame.disturbance ?? {};
  if (freeze && freeze.to_s <= freeze.from_s) {
    yield `${source.locate(['disturbance', 'freeze', 'to_s'])} disturbance.freeze.to_s: expected a number above ${freeze.from_s}, found ${freeze.to_s}.`;
  }
  if (variable && variable.max_fps < variable.min_fps) {
    yield `${source.locate(['disturbance', 'variable_fps', 'max_fps'])} disturbance.variable_fps.max_fps: expected a number of at least ${variable.min_fps}, found ${variable.max_fps}.`;
  }
}

function toScenario(frame: FrameFile, actors: Scenario['actors']): Scenario {
  const { camera } = frame;
  const disturbance = toDisturbance(frame.disturbance);
  return {
    name: frame.name,
    description: frame.description,
    seed: frame.seed,
    durationS: frame.duration_s,
    fps: frame.fps,
    loop: frame.loop,
    size: frame.size,
    camera:
      typeof camera === 'string'
        ? CAMERAS[camera]
        : { position: camera.position, lookAt: camera.look_at, fovDeg: camera.fov_deg },
    light: frame.light,
    rain: frame.rain,
    ...(disturbance ? { disturbance } : {}),
    actors,
    site: {
      units: frame.site.units,
      timezone: frame.site.timezone,
      zoneM: frame.site.zone_m,
      policy: frame.site.policy,
    },
  };
}

function toDisturbance(file: FrameFile['disturbance']): Disturbance | undefined {
  if (!file) return undefined;
  const { bump, freeze, variable_fps: variable } = file;
  return {
    ...(bump ? { bump: { atS: bump.at_s, shiftPx: bump.shift_px } } : {}),
    ...(freeze ? { freeze: { fromS: freeze.from_s, toS: freeze.to_s } } : {}),
    ...(variable
      ? {
          variableFps: {
            minFps: variable.min_fps,
            maxFps: variable.max_fps,
            changeEveryS: variable.change_every_s,
            dropShare: variable.drop_share,
          },
        }
      : {}),
  };
}
