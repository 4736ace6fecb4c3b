/** Turns what the schema found wrong into a sentence with place, key and expectation. Pure; used by `load.ts`. */
import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import type { KeyPath, SourceText } from './source-text.ts';

type Issue = z.core.$ZodIssue;

/** `stopsign.yaml:3:10 site.units: expected "km/h" or "mph", found "kmh".` */
export function issueSentence(
  issue: Issue,
  source: SourceText,
  knownKeys: (path: KeyPath) => readonly string[],
): string {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const near = didYouMean(key, knownKeys(path));
    const hint = near ? ` Did you mean "${near}"?` : '';
    return `${source.locateKey(path, key)} ${keyName([...path, key])}: there is no such key.${hint}`;
  }
  const found = source.found(path);
  const where = `${source.locate(path)} ${keyName(path)}`;
  if (found === undefined) return `${where}: is missing, expected ${expectation(issue)}.`;
  return `${where}: expected ${expectation(issue)}, found ${found}.`;
}

function keyName(path: KeyPath): string {
  if (path.length === 0) return 'the file';
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'a group of keys',
  array: 'a list',
  tuple: 'a list',
};

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? String(issue.expected);
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return bounded(issue.origin, 'min', issue.minimum, issue.inclusive !== false);
    case 'too_big':
      return bounded(issue.origin, 'max', issue.maximum, issue.inclusive !== false);
    case 'invalid_format':
      return `a text that ${issue.message}`;
    case 'custom':
      return `a value that fits (it ${issue.message})`;
    default:
      return issue.message;
  }
}

function bounded(origin: string, side: 'min' | 'max', limit: number | bigint, inclusive: boolean): string {
  const size = side === 'min' ? 'at least' : 'at most';
  if (origin === 'array') return `a list of ${size} ${limit}`;
  if (origin === 'string')
    return limit === 1 && side === 'min' ? 'a text that is not empty' : `a text of ${size} ${limit} letters`;
  if (inclusive) return `a number of ${size} ${limit}`;
  return `a number ${side === 'min' ? 'above' : 'below'} ${limit}`;
}
