/**
 * Logs: pino, one JSON object a line on stdout, from every process and thread. The launcher makes them readable when it
 * writes to a terminal. Writes are synchronous, so the last words of a dying thread are not lost.
 */
import pino from 'pino';

export type Log = pino.Logger;

/** @param bindings e.g. `{ process: 'analyzer', actor: 'decoder:front' }` */
export function createLog(bindings: Record<string, unknown>): Log {
  return pino(
    {
      base: bindings,
      level: process.env['STOPSIGN_LOG_LEVEL'] ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['*.password', '*.token', '*.adminToken'],
    },
    pino.destination({ fd: 1, sync: true }),
  );
}
