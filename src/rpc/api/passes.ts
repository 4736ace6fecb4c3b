/** `passes.*`: what vehicles did at the line. */
import { type TrackedEnvelope, tracked } from '@trpc/server';
import { z } from 'zod';
import type { PassEvent } from '../../domain/types.ts';
import { requireCamera } from './cameras.ts';
import { router, streamProcedure, viewerProcedure } from './trpc.ts';

const cameraName = z.string().min(1).max(40);
const passId = z.string().min(1).max(100);

const recentInput = z
  .object({
    camera: cameraName.optional(),
    limit: z.int().min(1).max(200).default(50),
    before: z.number().optional(),
  })
  .prefault({});

/** How far back, up to now. */
const days = z.number().positive().max(366).default(7);

/** `lastEventId` is filled in by tRPC's client when it reconnects. */
const watchInput = z.object({ camera: cameraName.optional(), lastEventId: passId.nullish() }).prefault({});

export const passesRouter = router({
  /** {camera?, limit ≤ 200 (50), before? UTC s} → PassEvent[], newest first */
  recent: viewerProcedure.input(recentInput).query(({ ctx, input }) => {
    requireCamera(ctx.ports, input.camera);
    return ctx.ports.passes.recent(input);
  }),
  /** {id} → PassDetail | null */
  byId: viewerProcedure.input(z.object({ id: passId })).query(({ ctx, input }) => ctx.ports.passes.byId(input.id)),
  /** {camera} → PassStats */
  stats: viewerProcedure.input(z.object({ camera: cameraName })).query(({ ctx, input }) => {
    requireCamera(ctx.ports, input.camera);
    return ctx.ports.passes.stats(input.camera);
  }),
  /** {camera, days ≤ 366 (7)} → SiteScoreAnswer */
  score: viewerProcedure.input(z.object({ camera: cameraName, days })).query(({ ctx, input }) => {
    requireCamera(ctx.ports, input.camera);
    return ctx.ports.passes.score(input.camera, input.days);
  }),
  /** {id, days ≤ 366 (30)} → PassRankAnswer | null */
  rank: viewerProcedure
    .input(z.object({ id: passId, days: days.default(30) }))
    .query(({ ctx, input }) => ctx.ports.passes.rank(input.id, input.days)),
  /** SSE, {camera?}: each PassEvent as it happens, tracked by its id so that a reconnect misses none */
  watch: streamProcedure.input(watchInput).subscription(async function* ({
    ctx,
    input,
    signal,
  }): AsyncGenerator<TrackedEnvelope<PassEvent>, void> {
    requireCamera(ctx.ports, input.camera);
    const until = signal ?? new AbortController().signal;
    for await (const pass of ctx.ports.passes.watch(input.camera, input.lastEventId ?? undefined, until)) {
      yield tracked(pass.id, pass);
    }
  }),
});
