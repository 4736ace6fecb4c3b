/** Settings of the persister, made from the runtime by `spec.ts`. */
import { z } from 'zod';
import { siteSchema } from '../../config/site.ts';

export const persisterSettings = z.strictObject({
  databaseUrl: z.string(),
  /** Absolute: the spool and rejected.ndjson live here. */
  dataDir: z.string(),
  cameras: z.array(z.strictObject({ name: z.string(), site: siteSchema })),
  /** When the analyzer's process began, UTC s: incidents that are open from before it are nobody's any more. */
  processStartedUtc: z.number(),
  keepDetectionsDays: z.number().positive(),
  /** A batch is stored when it has this many facts … */
  batchFacts: z.int().positive().default(500),
  /** … or its oldest has waited this long. */
  batchMs: z.number().min(0).default(250),
  /** Budget on disk while Postgres is away. */
  spoolMaxBytes: z
    .int()
    .positive()
    .default(512 * 2 ** 20),
});

export type PersisterSettings = z.infer<typeof persisterSettings>;
