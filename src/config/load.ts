/**
 * The configuration file, read and checked. Called by the launcher and the commands, never by a room: rooms get the
 * finished `Runtime`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { StopsignError } from '../errors.ts';
import { resolveCameraTruths } from './camera-truths.ts';
import { issueSentence } from './issue-sentence.ts';
import { DEMO_CONFIG } from './project-files.ts';
import { type Config, configSchema } from './schema.ts';
import { schemaKeys } from './schema-keys.ts';
import { checkSites } from './site-checks.ts';
import { type KeyPath, SourceText } from './source-text.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute. */
  readonly path: string;
  /** true: no configuration was named or found, this is the demo that comes with the program. */
  readonly isDemo: boolean;
  /** Whether the file itself says something at this path; a default does not count. */
  states(path: KeyPath): boolean;
}

export interface ConfigSearch {
  /** From `--config`. */
  readonly flag?: string | undefined;
  /** From STOPSIGN_CONFIG. */
  readonly variable?: string | undefined;
  readonly cwd?: string;
}

/** `--config`, else STOPSIGN_CONFIG, else ./stopsign.yaml, else the demo. */
export function findConfig({ flag, variable, cwd = process.cwd() }: ConfigSearch): { path: string; isDemo: boolean } {
  const named = flag ?? variable;
  if (named) return { path: resolve(cwd, named), isDemo: false };
  const local = resolve(cwd, 'stopsign.yaml');
  if (existsSync(local)) return { path: local, isDemo: false };
  return { path: DEMO_CONFIG, isDemo: true };
}

/** Finds and loads. Throws INPUT_MISSING or BAD_CONFIG. */
export function loadConfig(search: ConfigSearch): LoadedConfig {
  const { path, isDemo } = findConfig(search);
  return { ...loadConfigFile(path, search.cwd), isDemo };
}

/** @param path absolute, or relative to `cwd`; error sentences name it relative to `cwd` where that is shorter */
export function loadConfigFile(path: string, cwd: string = process.cwd()): Omit<LoadedConfig, 'isDemo'> {
  const absolute = resolve(cwd, path);
  const shown = shorter(relative(cwd, absolute), absolute);
  const source = new SourceText(shown, readText(absolute, shown));
  const parsed = parseConfig(source);
  checkSites(parsed, source);
  const config = resolveCameraTruths(parsed, source, dirname(absolute));
  return { config, path: absolute, states: (keys) => source.states(keys) };
}

/** Checks the form. Throws BAD_CONFIG naming every fault, each with its place. */
export function parseConfig(source: SourceText): Config {
  if (source.value === null || source.value === undefined) {
    throw new StopsignError('BAD_CONFIG', `${source.file} is empty.`, {
      remedy: 'Copy config/stopsign.example.yaml and fill it in.',
    });
  }
  const result = configSchema.safeParse(source.value);
  if (result.success) return result.data;
  const sentences = result.error.issues.map((issue) =>
    issueSentence(issue, source, (path) => schemaKeys(configSchema, path)),
  );
  throw new StopsignError('BAD_CONFIG', sentences.join('\n'), {
    remedy: 'config/stopsign.example.yaml explains every key.',
  });
}

function readText(absolute: string, shown: string): string {
  try {
    return readFileSync(absolute, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'is not there' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new StopsignError('INPUT_MISSING', `The configuration ${shown} ${why}.`, {
      remedy: 'Name a file with --config or STOPSIGN_CONFIG; config/stopsign.example.yaml is one to copy.',
      cause,
    });
  }
}

function shorter(a: string, b: string): string {
  return a.length < b.length ? a : b;
}
