/** Points in time on the command line: a date, a moment, or so long ago. */
import { InvalidArgumentError } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** `7d`, `12h`, `2026-11-01` (00:00 UTC), `2026-11-01T12:00Z` or UTC seconds → UTC seconds. */
export function timeArgument(text: string, nowUtc: number = Date.now() / 1000): number {
  const ago = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text);
  if (ago) return nowUtc - Number(ago[1]) * (SECONDS[ago[2] as string] as number);
  if (/^\d{9,}(\.\d+)?$/.test(text)) return Number(text);
  // Without a zone it is UTC, as in everything that is stored and exported.
  const isLocal = /T[\d:.]+$/.test(text);
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(isLocal ? `${text}Z` : text) : Number.NaN;
  if (Number.isNaN(date)) {
    throw new InvalidArgumentError(
      'It must be a date such as 2026-11-01 or 2026-11-01T12:00Z, or so long ago: 7d, 12h.',
    );
  }
  return date / 1000;
}
