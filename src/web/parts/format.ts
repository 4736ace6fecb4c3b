/** Numbers and times as people read them. Pure; every function takes what it formats and nothing else. */
import type { Interval, PassEvent, Verdict } from '../../domain/types.ts';

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  full_stop: 'Full stop',
  rolling_stop: 'Rolling stop',
  no_stop: 'No stop',
  indeterminate: 'Indeterminate',
};
export const VERDICTS = ['full_stop', 'rolling_stop', 'no_stop', 'indeterminate'] as const satisfies readonly Verdict[];

/**
 * `14:03:27`
 * @param timeZone IANA name; absent: the viewer's
 */
export function formatClock(utcS: number, timeZone?: string): string {
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('en-GB', { ...options, ...zone(timeZone) }).format(utcS * 1_000);
}

/** `14:03`; see formatClock. */
export function formatMinute(utcS: number, timeZone?: string): string {
  return formatClock(utcS, timeZone).slice(0, 5);
}

/** `Today`, `Yesterday`, or `12 Nov 2026`; see formatClock. */
export function formatDay(utcS: number, nowMs: number, timeZone?: string): string {
  const options = { day: 'numeric', month: 'short', year: 'numeric', ...zone(timeZone) } as const;
  const format = new Intl.DateTimeFormat('en-GB', options);
  const day = format.format(utcS * 1_000);
  if (day === format.format(nowMs)) return 'Today';
  // Half a day before noon is in the day before, also when a night is 23 or 25 hours long.
  const secondsOfToday = secondsIntoDay(nowMs / 1_000, timeZone);
  if (day === format.format(nowMs - (secondsOfToday + 43_200) * 1_000)) return 'Yesterday';
  return day;
}

function secondsIntoDay(utcS: number, timeZone?: string): number {
  const [h = 0, m = 0, s = 0] = formatClock(utcS, timeZone).split(':').map(Number);
  return h * 3_600 + m * 60 + s;
}

function zone(timeZone: string | undefined): { timeZone?: string } {
  return timeZone === undefined ? {} : { timeZone };
}

/** `1.48 ± 0.09 s`; `0.0 km/h (0.0 – 0.6)` where the interval is lopsided. */
export function formatInterval(interval: Interval | null, unit: string, digits: number): string {
  if (!interval) return '–';
  const { value, lo, hi } = interval;
  const half = (hi - lo) / 2;
  const text = value.toFixed(digits);
  const space = unit ? ` ${unit}` : '';
  if (!(half > 0)) return `${text}${space}`;
  const isLopsided = Math.abs(hi + lo - 2 * value) > half * 0.5;
  if (isLopsided) return `${text}${space} (${lo.toFixed(digits)} – ${hi.toFixed(digits)})`;
  return `${text} ± ${half.toFixed(digits)}${space}`;
}

export function formatStop(pass: Pick<PassEvent, 'stopped_s'>): string {
  if (pass.stopped_s && pass.stopped_s.hi <= 0) return '0 s';
  return formatInterval(pass.stopped_s, 's', pass.stopped_s && pass.stopped_s.value >= 10 ? 1 : 2);
}

/** `31 km/h` */
export function formatSpeed(speed: { readonly value: number; readonly unit: string } | null): string {
  return speed ? `${speed.value.toFixed(speed.value < 10 ? 1 : 0)} ${speed.unit}` : '–';
}

/** `4 ms`, `312 ms`, `1.4 s`, `2 min` */
export function formatMs(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return '–';
  if (Math.abs(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (Math.abs(ms) < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return formatSpan(ms / 1_000);
}

/** `42 s`, `12 min`, `3 h 20 min`, `5 d 2 h` */
export function formatSpan(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** `just now`, `3 min ago` */
export function formatAgo(utcS: number, nowMs: number): string {
  const seconds = nowMs / 1_000 - utcS;
  return seconds < 5 ? 'just now' : `${formatSpan(seconds)} ago`;
}

/** `1,234`, `56.1 k`, `7.8 M`: never wider than six signs. */
export function formatCount(count: number): string {
  if (count < 10_000) return Math.round(count).toLocaleString('en-US');
  if (count < 1_000_000) return `${(count / 1_000).toFixed(count < 100_000 ? 1 : 0)} k`;
  return `${(count / 1_000_000).toFixed(count < 100_000_000 ? 1 : 0)} M`;
}

/** `29.8`, `0` */
export function formatRate(perSecond: number | undefined): string {
  if (perSecond === undefined) return '–';
  return perSecond < 0.05 ? '0' : perSecond.toFixed(perSecond < 100 ? 1 : 0);
}

/** `99.7 %`; never rounds a miss away. */
export function formatShare(share: number): string {
  if (share >= 1) return '100 %';
  return `${Math.min(99.9, share * 100).toFixed(1)} %`;
}

/** `Car` */
export function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
