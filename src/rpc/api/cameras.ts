/** `cameras.*`: what there is to look at. */
import { TRPCError } from '@trpc/server';
import type { ApiPorts } from './ports.ts';
import { router, viewerProcedure } from './trpc.ts';

export const camerasRouter = router({
  /** → CameraInfo[], in the order of the configuration */
  list: viewerProcedure.query(({ ctx }) => ctx.ports.cameras.list()),
});

/** @throws TRPCError NOT_FOUND when no camera has this name */
export function requireCamera(ports: ApiPorts, name: string | undefined): void {
  if (name === undefined || ports.cameras.list().some((camera) => camera.name === name)) return;
  throw new TRPCError({ code: 'NOT_FOUND', message: `There is no camera named ${name}.` });
}
