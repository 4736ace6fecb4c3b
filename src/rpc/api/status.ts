/** `status.*`: how the system is, from the status board. */
import { router, streamProcedure, viewerProcedure } from './trpc.ts';
import type { SystemStatus } from './types.ts';

export const statusRouter = router({
  /** → SystemStatus */
  snapshot: viewerProcedure.query(({ ctx }) => ctx.ports.status.snapshot()),
  /** SSE: a SystemStatus now and one each second */
  watch: streamProcedure.subscription(async function* ({ ctx, signal }): AsyncGenerator<SystemStatus, void> {
    yield* ctx.ports.status.watch(signal ?? new AbortController().signal);
  }),
});
