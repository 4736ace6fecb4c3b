/**
 * tRPC set up once: the context, the kinds of procedure, the error shape (`data.stopsign` carries our code).
 * Called by the routers beside it; runs on the gateway's thread.
 */
import { initTRPC, TRPCError } from '@trpc/server';
import { type ErrorCode, StopsignError } from '../../errors.ts';
import { toTrpcError } from './error-edge.ts';
import type { ApiContext } from './ports.ts';

const t = initTRPC.context<ApiContext>().create({
  sse: {
    // A proxy or a phone may lose the connection silently: pings let the client notice and reconnect.
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 15_000 },
  },
  errorFormatter({ shape, error }) {
    const { stack: _stack, ...data } = shape.data;
    const stopsign: ErrorCode | null = error.cause instanceof StopsignError ? error.cause.code : null;
    return { ...shape, data: { ...data, stopsign } };
  },
});

export const router = t.router;

/** For everybody, in every mode. */
export const openProcedure = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw toTrpcError(result.error);
  return result;
});

/** For who may view: everybody, or with `viewers: token` who carries a session or the token. */
export const viewerProcedure = openProcedure.use(({ ctx, next }) => {
  if (!ctx.mayView) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Viewing needs the token: log in first.' });
  return next();
});

/** For subscriptions: who may view, with a limit of streams that one address may hold open. */
export const streamProcedure = viewerProcedure.use(({ ctx, next }) => {
  if (ctx.openStream()) return next();
  throw new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'Too many streams are open from this address.' });
});

/** For who logged in as admin. */
export const adminProcedure = openProcedure.use(({ ctx, next }) => {
  const { session } = ctx;
  if (session === null) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'This needs an admin: log in first.' });
  return next({ ctx: { session } });
});
