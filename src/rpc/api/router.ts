/** Everything under `/trpc/*`. The web app imports the type alone; the gateway serves the value. */
import { adminRouter } from './admin.ts';
import { camerasRouter } from './cameras.ts';
import { incidentsRouter } from './incidents.ts';
import { passesRouter } from './passes.ts';
import { statusRouter } from './status.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  cameras: camerasRouter,
  status: statusRouter,
  passes: passesRouter,
  incidents: incidentsRouter,
  admin: adminRouter,
});

export type AppRouter = typeof appRouter;
