/** Finds out which ports can be had. Called by `run.ts` before the parts that listen on them start. */
import { createServer } from 'node:net';
import { DEFAULT_HUB_PORTS, type HubPorts } from '../config/hub-address.ts';
import { StopsignError } from '../errors.ts';
import { claimPort } from './port-claim.ts';

/** Whether this process could listen there now. Port 0 always can. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  return (await tryListen(host, port)) !== null;
}

/** A port that nobody listens on, given by the system. */
export async function freePort(host: string): Promise<number> {
  const port = await tryListen(host, 0);
  if (port === null) throw new StopsignError('PORT_TAKEN', `No port can be had on ${host}.`);
  return port;
}

export interface HubPortWishes {
  readonly bind: string;
  readonly ports: HubPorts;
  /** Ports that the configuration names itself: they are kept, or it is an error. */
  isStated(port: keyof HubPorts): boolean;
}

/**
 * The ports for the built-in hub. A default port that is taken is replaced by a free one (`moved` lists them); one that
 * the configuration names is not: throws PORT_TAKEN.
 */
export async function chooseHubPorts(wishes: HubPortWishes): Promise<{ ports: HubPorts; moved: (keyof HubPorts)[] }> {
  const names = Object.keys(DEFAULT_HUB_PORTS) as (keyof HubPorts)[];
  const moved: (keyof HubPorts)[] = [];
  const chosen: Record<keyof HubPorts, number> = { ...wishes.ports };
  await Promise.all(
    names.map(async (name) => {
      // Another house that is just starting has claimed it, but does not listen yet.
      const isOurs = await claimPort(chosen[name]);
      if (isOurs && (await isPortFree(wishes.bind, chosen[name]))) return;
      if (wishes.isStated(name)) {
        throw new StopsignError('PORT_TAKEN', `The hub's port ${chosen[name]} (hub.${name}_port) is taken.`, {
          remedy: 'Stop what listens there, or write another number into the configuration.',
        });
      }
      moved.push(name);
    }),
  );
  for (const name of moved) chosen[name] = await freePort(wishes.bind);
  return { ports: chosen, moved };
}

/** Throws PORT_TAKEN: the address people open is never moved silently. */
export async function checkGatewayPort(host: string, port: number): Promise<void> {
  if (await isPortFree(host, port)) return;
  throw new StopsignError('PORT_TAKEN', `Port ${port} on ${host} is taken by another program.`, {
    remedy: `Stop that program, or choose another port: PORT=${port + 1} npm start`,
  });
}

/** The port that was listened on for a moment, or null when it is taken. */
async function tryListen(host: string, port: number): Promise<number | null> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(null);
      else reject(unusableAddress(host, port, cause));
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}

function unusableAddress(host: string, port: number, cause: NodeJS.ErrnoException): StopsignError {
  if (cause.code === 'EACCES') {
    return new StopsignError('PORT_TAKEN', `Port ${port} on ${host} may not be used by this user.`, {
      remedy: 'Choose one above 1023, for example PORT=8080.',
      cause,
    });
  }
  return new StopsignError('BAD_CONFIG', `Nothing can listen on ${host} (${cause.code}).`, {
    remedy: 'Use 127.0.0.1, 0.0.0.0, or an address of this machine.',
    cause,
  });
}
