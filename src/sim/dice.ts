/** Numbers that the seed draws: `{ between: [7, 9] }` anywhere in a scenario file becomes a number. Pure. */
import type { KeyPath } from '../config/source-text.ts';
import { seededRandom } from './random.ts';

/** Each place has dice of its own: a number more in the file changes no other. */
export function throwDice(value: unknown, seed: number, path: KeyPath = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => throwDice(item, seed, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  const range = rangeOf(value);
  if (range) return seededRandom(seed, path.join('.')).between(...range);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, throwDice(item, seed, [...path, key])]));
}

function rangeOf(value: object): [number, number] | null {
  const { between, ...rest } = value as { between?: unknown };
  if (!Array.isArray(between) || between.length !== 2 || Object.keys(rest).length > 0) return null;
  const [lo, hi] = between as unknown[];
  return typeof lo === 'number' && typeof hi === 'number' && lo <= hi ? [lo, hi] : null;
}
