/** `incidents.*`: every restart and stall, with its cause. */
import { z } from 'zod';
import { router, viewerProcedure } from './trpc.ts';

export const incidentsRouter = router({
  /** {limit ≤ 200 (50)} → Incident[], newest first */
  recent: viewerProcedure
    .input(z.object({ limit: z.int().min(1).max(200).default(50) }).prefault({}))
    .query(({ ctx, input }) => ctx.ports.incidents.recent(input.limit)),
});
