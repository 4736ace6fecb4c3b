/** Points in time on the command line: a date, a moment, or so long ago. Pure. */
import { InvalidArgumentError } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };
/** RFC 3339, with a space for the T, and with time, seconds and zone as one likes. */
const MOMENT =
  /^(?<date>\d{4}-\d{2}-\d{2})(?:[T ](?<time>\d{2}:\d{2})(?::(?<second>\d{2}(?:\.\d+)?))?(?<zone>Z|[+-]\d{2}:\d{2})?)?$/i;
/** Of the year 5138; whoever writes more means milliseconds. */
const LATEST_UTC = 1e11;

/**
 * `7d`, `12h`, `2026-11-01` (00:00), `2026-11-01T12:00+02:00`, `2026-11-01 12:00`, `1793534400` (seconds) → UTC seconds.
 * What names no zone is UTC, as in everything that is stored and exported.
 * @throws InvalidArgumentError with what to write instead
 */
export function timeArgument(text: string, nowUtc: number = Date.now() / 1000): number {
  const utc = secondsOf(text.trim(), nowUtc);
  if (utc >= 0 && utc <= LATEST_UTC) return utc;
  throw new InvalidArgumentError(`It must lie between 1970 and ${utc < 0 ? 'now' : 'the year 5138'}, in seconds.`);
}

function secondsOf(text: string, nowUtc: number): number {
  const ago = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text);
  if (ago) return nowUtc - Number(ago[1]) * (SECONDS[ago[2] as string] as number);
  if (/^\d{9,}(\.\d+)?$/.test(text)) return Number(text);
  const found = MOMENT.exec(text)?.groups;
  if (!found) {
    throw new InvalidArgumentError(
      'It must be a date such as 2026-11-01, a moment such as 2026-11-01T12:00 (UTC) or 2026-11-01T12:00+02:00, or so long ago: 7d, 12h.',
    );
  }
  const { date = '', time = '00:00', second = '00', zone = 'Z' } = found;
  if (!isDay(date)) throw new InvalidArgumentError(`There is no ${date} in the calendar: correct month and day.`);
  // The language's own parser takes hours up to 24:00 and offsets up to 23:59; it gives NaN for all else.
  const ms = time.startsWith('24') ? Number.NaN : Date.parse(`${date}T${time}:${second}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError(
      `There is no ${text.slice(11)} on a clock: hours go to 23, minutes and seconds to 59.`,
    );
  }
  return ms / 1000;
}

/** The parser above takes 31 days in every month, and makes the next month of them. */
function isDay(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}
