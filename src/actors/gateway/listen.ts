/** Takes the port for this process alone: unasked, some versions of uWebSockets.js share it with another one. */

import type { TemplatedApp } from 'uWebSockets.js';
import { createServer } from 'node:net';
import { StopsignError } from '../../errors.ts';
import type { Uws } from './uws.ts';

/** Not in the package's types: host, port, options and callback together. */
type ListenWithHost = (
  host: string,
  port: number,
  options: number,
  taken: (socket: Parameters<Uws['us_socket_local_port']>[0] | false) => void,
) => void;

/** LIBUS_LISTEN_EXCLUSIVE_PORT; the package declares the enum but does not export it. */
const EXCLUSIVE = 1;

/**
 * @returns the port in use
 * @throws StopsignError PORT_TAKEN, or BAD_CONFIG when host and port can never be opened here
 */
export async function listen(uws: Uws, app: TemplatedApp, host: string, port: number): Promise<number> {
  let result: number | null = null;
  (app.listen as unknown as ListenWithHost).call(app, host, port, EXCLUSIVE, (socket) => {
    if (socket) result = uws.us_socket_local_port(socket);
  });
  if (result !== null) return result;
  throw refusal(host, port, await reason(host, port));
}

function refusal(host: string, port: number, code: string): StopsignError {
  if (code === 'EACCES') {
    return new StopsignError('BAD_CONFIG', `Port ${port} may not be opened by this user.`, {
      remedy: 'Set gateway.port to 1024 or higher.',
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new StopsignError('BAD_CONFIG', `${host} is no address of this machine.`, {
      remedy: 'Set gateway.host to 127.0.0.1, to 0.0.0.0 (all), or to an address that `ip address` lists.',
    });
  }
  return new StopsignError('PORT_TAKEN', `Port ${port} on ${host} is used by another program.`, {
    remedy: `Stop that program (\`ss -ltnp 'sport = :${port}'\` names it), or set another gateway.port.`,
  });
}

/** uWebSockets.js does not say why it failed; Node does. */
function reason(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    probe.listen(port, host, () => probe.close(() => resolve('')));
  });
}
