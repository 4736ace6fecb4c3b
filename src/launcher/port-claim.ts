/**
 * Two houses that start in the same second must not both find the same port free and then fight for it: who wants a
 * port claims it first, for as long as its launcher lives. A claim is an abstract socket: no file is left behind, and it
 * is seen where the port itself would be (Linux; elsewhere everything can be claimed).
 */
import { createServer, type Server } from 'node:net';

const claims = new Map<number, Server>();

/** Whether this process has the claim now. A second call of the same process has it too. */
export async function claimPort(port: number): Promise<boolean> {
  if (port === 0 || process.platform !== 'linux' || claims.has(port)) return true;
  const server = createServer((socket) => socket.destroy());
  const isOurs = await new Promise<boolean>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen(`\0stopsign-port-${port}`, () => resolve(true));
  });
  if (!isOurs) return false;
  server.unref();
  claims.set(port, server);
  return true;
}

/** For tests, and for who changes its mind. */
export function releasePorts(): void {
  for (const server of claims.values()) server.close();
  claims.clear();
}
