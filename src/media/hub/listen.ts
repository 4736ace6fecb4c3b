/** Makes a server listen, or says in one sentence why it cannot. Used by all servers of the hub. */
import type net from 'node:net';
import { StopsignError } from '../../errors.ts';

/**
 * @param what names the server in the message, e.g. `RTSP`
 * @param key the configuration key that sets the port
 * @returns the port in use
 * @throws StopsignError PORT_TAKEN, BAD_CONFIG
 */
export function listen(server: net.Server, bind: string, port: number, what: string, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) => reject(listenError(cause, bind, port, what, key));
    server.once('error', onError);
    server.listen(port, bind, () => {
      server.off('error', onError);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function listenError(
  cause: NodeJS.ErrnoException,
  bind: string,
  port: number,
  what: string,
  key: string,
): StopsignError {
  if (cause.code === 'EADDRINUSE') {
    return new StopsignError('PORT_TAKEN', `Port ${port} on ${bind}, for ${what}, is taken by another program.`, {
      remedy: `Stop that program (ss -ltnp 'sport = :${port}' names it) or set hub.${key} to a free port.`,
      cause,
    });
  }
  if (cause.code === 'EACCES') {
    return new StopsignError('BAD_CONFIG', `This user may not listen on port ${port}, for ${what}.`, {
      remedy: `Set hub.${key} to a port above 1023.`,
      cause,
    });
  }
  return new StopsignError('BAD_CONFIG', `The hub cannot listen on ${bind}:${port}, for ${what} (${cause.code}).`, {
    remedy: 'Set hub.bind to an address of this machine, such as 127.0.0.1 or 0.0.0.0.',
    cause,
  });
}

/** How to reach a server that listens on `bind` from this machine. */
export function hostForUrl(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1';
  if (bind === '::') return '[::1]';
  return bind.includes(':') ? `[${bind}]` : bind;
}
