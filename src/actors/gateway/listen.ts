/** Takes the port, exclusively: by default uWebSockets.js would silently share it with another process. */
import type { TemplatedApp } from 'uWebSockets.js';
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
 * @throws StopsignError PORT_TAKEN
 */
export function listen(uws: Uws, app: TemplatedApp, host: string, port: number): number {
  let result: number | null = null;
  (app.listen as unknown as ListenWithHost).call(app, host, port, EXCLUSIVE, (socket) => {
    if (socket) result = uws.us_socket_local_port(socket);
  });
  if (result !== null) return result;
  throw new StopsignError('PORT_TAKEN', `Port ${port} on ${host} cannot be opened: another program uses it.`, {
    remedy: `Stop that program (\`ss -ltnp 'sport = :${port}'\` names it), or set another gateway.port.`,
  });
}
