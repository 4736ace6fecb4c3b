/**
 * Where all log lines of the house come out: readable on a terminal, one JSON object a line otherwise. The launcher's
 * own lines and those of its children pass here.
 */
import pino from 'pino';
import type { Log } from '../telemetry/log.ts';

export interface LogOutput {
  /** The launcher's own. */
  readonly log: Log;
  /** For a part that runs inside the launcher. */
  logOf(part: string): Log;
  /** A child's line: pino's JSON passes as it is, anything else is wrapped. */
  childLine(child: string, stream: 'stdout' | 'stderr', line: string): void;
}

export interface LogOutputOptions {
  readonly isTerminal: boolean;
  readonly level?: string;
  write(text: string): void;
}

export async function openLogOutput({ isTerminal, level = 'info', write }: LogOutputOptions): Promise<LogOutput> {
  const format = isTerminal ? await readableFormat() : (line: string) => line;
  const writeLine = (line: string): void => write(format(line.endsWith('\n') ? line : `${line}\n`));
  const root = pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime }, { write: writeLine });
  const logOf = (part: string): Log => root.child({ process: part });
  return {
    log: logOf('launcher'),
    logOf,
    childLine(child, stream, line) {
      if (isLogLine(line)) writeLine(line);
      else logOf(child)[stream === 'stderr' ? 'warn' : 'info'](line);
    },
  };
}

/** Loaded only for a terminal: a service does not pay for it. */
async function readableFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  return prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'process,actor,pid,hostname',
    messageFormat: (entry, key) => [`${entry['actor'] ?? entry['process'] ?? ''}`.padEnd(10), entry[key]].join(' '),
  }) as (line: string) => string;
}

/** Level and message of one of pino's lines, or null for any other text. */
export function parseLogLine(line: string): { level: number; msg: string } | null {
  if (!line.startsWith('{')) return null;
  try {
    const entry = JSON.parse(line) as { level?: unknown; msg?: unknown };
    return typeof entry.level === 'number' ? { level: entry.level, msg: String(entry.msg ?? '') } : null;
  } catch {
    return null;
  }
}

function isLogLine(line: string): boolean {
  return parseLogLine(line) !== null;
}
