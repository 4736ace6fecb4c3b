/** `/trpc/*`: tRPC's fetch adapter over an Exchange: queries, batches, mutations, SSE subscriptions. Gateway's thread. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import type { ApiPorts } from '../../rpc/api/ports.ts';
import { appRouter } from '../../rpc/api/router.ts';
import type { Log } from '../../telemetry/log.ts';
import { type Access, sessionCookie } from './access.ts';
import type { Exchange } from './exchange.ts';
import type { OpenConnections } from './open-connections.ts';

export const TRPC_PREFIX = '/trpc';
/** The limit of requests counts a batch as one. */
const MAX_BATCH_CALLS = 20;

export interface TrpcRouteOptions {
  readonly ports: ApiPorts;
  readonly access: Access;
  /** Subscriptions. */
  readonly streams: OpenConnections;
  readonly log: Log;
}

export async function answerTrpc(exchange: Exchange, { ports, access, streams, log }: TrpcRouteOptions): Promise<void> {
  const body = await exchange.body();
  if (exchange.done) return;
  const host = exchange.headers.get('host') ?? 'localhost';
  if (!URL.canParse(`http://${host}`)) return exchange.json(400, { error: 'This is not a host name.' });
  const request = new Request(`http://${host}${exchange.path}${exchange.search}`, {
    method: exchange.method,
    headers: exchange.headers,
    signal: exchange.signal,
    ...(body && body.length > 0 ? { body } : {}),
  });
  const { address } = exchange;
  const secure = isSecure(exchange);
  let isStream = false;
  try {
    const response = await fetchRequestHandler({
      endpoint: TRPC_PREFIX,
      router: appRouter,
      req: request,
      maxBatchSize: MAX_BATCH_CALLS,
      createContext: ({ resHeaders }) => ({
        ports,
        address,
        ...access,
        // At most once a request: tRPC refuses subscriptions in a batch.
        openStream() {
          if (streams.isFull(address)) return false;
          streams.add(address);
          isStream = true;
          return true;
        },
        setSession: (session) => resHeaders.append('set-cookie', sessionCookie(session, secure)),
      }),
      onError({ error, path }) {
        if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ err: error.cause ?? error, path }, 'a request failed');
      },
    });
    await forward(response, exchange);
  } finally {
    if (isStream) streams.remove(address);
  }
}

async function forward(response: Response, exchange: Exchange): Promise<void> {
  const headers: (readonly [string, string])[] = [['cache-control', 'no-store']];
  for (const [name, value] of response.headers) if (name !== 'cache-control') headers.push([name, value]);
  if (!response.body) return exchange.send(response.status, headers);
  await exchange.stream(response.status, headers, response.body);
}

/** Whether the browser came over TLS, which ends at the reverse proxy. */
export function isSecure(exchange: Exchange): boolean {
  return exchange.headers.get('x-forwarded-proto')?.split(',').at(-1)?.trim() === 'https';
}
