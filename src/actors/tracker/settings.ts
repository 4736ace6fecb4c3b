/** Settings of one tracker room. */
import { z } from 'zod';
import { siteSchema } from '../../config/site.ts';

export const trackerSettings = z.strictObject({
  camera: z.string(),
  site: siteSchema,
  /** Hash of the site configuration, stored with each pass. */
  configVersion: z.string(),
  modelSha256: z.string().nullable(),
  firstTrackId: z.int().positive(),
});

export type TrackerSettings = z.infer<typeof trackerSettings>;
