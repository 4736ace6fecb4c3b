/** Settings of one tracker room. */
import { z } from 'zod';
import { siteSchema } from '../../config/site.ts';
import type { StandingVehicle } from '../../domain/site-analyzer.ts';

const standingVehicle: z.ZodType<StandingVehicle> = z.object({
  trackId: z.int().positive(),
  class: z.string(),
  firstUtc: z.number(),
  lastUtc: z.number(),
  frames: z.int(),
  place: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  sinceUtc: z.number(),
  isSinceBirth: z.boolean(),
  isParked: z.boolean(),
});

export const trackerSettings = z.strictObject({
  camera: z.string(),
  site: siteSchema,
  /** Hash of the site configuration, stored with each pass. */
  configVersion: z.string(),
  modelSha256: z.string().nullable(),
  firstTrackId: z.int().positive(),
  /** Vehicles that stood when the process before this one ended. */
  recall: z.array(standingVehicle).optional(),
});

export type TrackerSettings = z.infer<typeof trackerSettings>;
