/** What is different between two sites, key by key, as one would say it of the two YAML files. Pure. */
import type { Site } from '../domain/types.ts';

export interface SiteDifference {
  /** As in the file: `policy.min_stop_s`, `calibration.points[3].ground`. */
  readonly key: string;
  /** undefined: it is not there. */
  readonly old: unknown;
  readonly new: unknown;
}

export function siteDifferences(old: Site, now: Site): readonly SiteDifference[] {
  return [...differences('', old, now)];
}

function* differences(key: string, old: unknown, now: unknown): Generator<SiteDifference> {
  const [left, right] = [childrenOf(old), childrenOf(now)];
  if (!left || !right) {
    if (JSON.stringify(old) !== JSON.stringify(now)) yield { key, old, new: now };
    return;
  }
  const isList = Array.isArray(old);
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const place = isList ? `${key}[${name}]` : key === '' ? name : `${key}.${name}`;
    yield* differences(place, left[name], right[name]);
  }
}

/** null for what is said in one piece: a number, a word, a point. */
function childrenOf(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  const isPoint = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  return isPoint ? null : (value as Record<string, unknown>);
}
