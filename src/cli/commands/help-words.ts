/** Words that the help of several commands shares. */

export const CONFIG_HELP = 'configuration (default: STOPSIGN_CONFIG, ./stopsign.yaml, the demo)';

export const TIME_HELP = 'a date, a moment or so long ago (7d, 12h)';

/** Below the help of a command that takes points in time; what `timeArgument` reads. */
export const TIME_FORMS = `
Times: 2026-11-01, 2026-11-01T12:00 or "2026-11-01 12:00:30.5", in UTC unless they end in Z or an offset such as +02:00
(RFC 3339); UTC seconds; or so long ago: 90m, 12h, 7d, 4w.`;

export function examples(lines: readonly string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
