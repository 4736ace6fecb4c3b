/**
 * Asks whoever listens on a port whether it is Postgres: an SSLRequest is answered with one byte, S or N, before any
 * log-in (PostgreSQL protocol, "SSL Session Encryption"). The driver itself would knock again without pause at a port
 * that hangs up at once, such as a web server's.
 */
import { connect } from 'node:net';
import { NotPostgres, Unanswered } from './database-error.ts';

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Resolves when Postgres answers; rejects with the socket's error, `NotPostgres`, or `Unanswered`. */
export function probePostgres(host: string, port: number, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    const timer = setTimeout(() => finish(new Unanswered(timeoutMs)), timeoutMs);
    socket.on('connect', () => socket.write(SSL_REQUEST));
    socket.on('data', (bytes) => {
      const isPostgres = bytes.length === 1 && (bytes[0] === 0x53 || bytes[0] === 0x4e);
      finish(isPostgres ? undefined : new NotPostgres());
    });
    socket.on('error', finish);
    socket.on('close', () => finish(new NotPostgres()));
  });
}
