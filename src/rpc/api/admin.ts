/** `admin.*`: the session of who may change things, and what they may do with it. */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { faultSchema } from '../fault.ts';
import { requireCamera } from './cameras.ts';
import { adminProcedure, openProcedure, router } from './trpc.ts';
import type { AdminState } from './types.ts';

export const adminRouter = router({
  /** {token} → {admin: true} and the session cookie; UNAUTHORIZED, or TOO_MANY_REQUESTS after several wrong ones */
  login: openProcedure.input(z.object({ token: z.string().max(500) })).mutation(({ ctx, input }): AdminState => {
    const result = ctx.ports.admin.login(input.token, ctx.address);
    if (result.ok) {
      ctx.setSession(result.session);
      return { admin: true };
    }
    if (result.reason === 'wrong') throw new TRPCError({ code: 'UNAUTHORIZED', message: 'This is not the token.' });
    throw new TRPCError({
      code: 'TOO_MANY_REQUESTS',
      message: `Too many wrong tokens from this address: try again in ${result.retryAfterS} s.`,
    });
  }),
  logout: openProcedure.mutation(({ ctx }): AdminState => {
    if (ctx.session !== null) ctx.ports.admin.logout(ctx.session);
    ctx.setSession(null);
    return { admin: false };
  }),
  me: openProcedure.query(({ ctx }): AdminState => ({ admin: ctx.session !== null })),
  /** {actor} → {restarted: actor} once the new one is ready; NOT_FOUND when no actor has this name */
  restart: adminProcedure.input(z.object({ actor: z.string().min(1).max(100) })).mutation(async ({ ctx, input }) => {
    const { actor } = input;
    if (!ctx.ports.status.snapshot().actors.some(({ name }) => name === actor)) {
      throw new TRPCError({ code: 'NOT_FOUND', message: `There is no actor named ${actor}.` });
    }
    await ctx.ports.admin.restart(actor, ctx.address);
    return { restarted: actor };
  }),
  /** {room, kind, seconds?, factor?} → {injected: kind}; BAD_REQUEST unless the house was started with --enable-faults */
  fault: adminProcedure.input(faultSchema).mutation(async ({ ctx, input }) => {
    await ctx.ports.admin.fault(input, ctx.address);
    return { injected: input.kind };
  }),
  /**
   * {camera, as: 'same'} → {confirmed: camera}: what the camera shows now is taken as the view that it was calibrated on,
   * and verdicts resume. NOT_FOUND when no camera has this name.
   */
  confirmView: adminProcedure
    .input(z.object({ camera: z.string().min(1).max(40), as: z.literal('same') }))
    .mutation(async ({ ctx, input }) => {
      requireCamera(ctx.ports, input.camera);
      await ctx.ports.admin.confirmView(input.camera, ctx.address);
      return { confirmed: input.camera };
    }),
});
