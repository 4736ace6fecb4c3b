/** Opens the TCP (or TLS) connection to a camera or hub. Injected into sessions, so that tests can play the network. */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Resolves with a connected stream; rejects with the socket's error. An aborted signal destroys it in either state. */
export type Connect = (target: ConnectTarget, signal: AbortSignal) => Promise<Duplex>;

const KEEP_ALIVE_MS = 15_000;

export const connectTcp: Connect = (target, signal) =>
  new Promise((resolve, reject) => {
    const { host, port } = target;
    const socket = target.tls
      ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }) })
      : net.connect({ host, port });
    const abort = () => socket.destroy(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('error', reject);
    socket.once(target.tls ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      resolve(socket);
    });
  });
