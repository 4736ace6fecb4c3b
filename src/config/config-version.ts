/** A short name for one state of a site: the same site gives the same name, whatever the order of its keys. Pure. */
import { createHash } from 'node:crypto';
import type { Site } from '../domain/types.ts';

/** 12 hex digits of the sha256 of the canonical JSON. Stored with every pass. */
export function configVersion(site: Site): string {
  return createHash('sha256').update(canonical(site)).digest('hex').slice(0, 12);
}

/** The same of what was measured in the picture alone: another policy does not make a moved camera fit. */
export function calibrationVersion({ image, stop_line, approach, stop_zone, calibration }: Site): string {
  const measured = { image, stop_line, approach, stop_zone, calibration };
  return createHash('sha256').update(canonical(measured)).digest('hex').slice(0, 12);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
