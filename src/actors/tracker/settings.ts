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
  /** `calibrationVersion` of the site, stored with each track; absent in a replay. */
  calibration: z.string().exactOptional(),
  modelSha256: z.string().nullable(),
  firstTrackId: z.int().positive(),
  /** File that the state is kept in for the process after this one; absent: it ends with this one. */
  stateFile: z.string().exactOptional(),
  /** Vehicles that stood when the process before this one ended. */
  recall: z.array(standingVehicle).optional(),
});

export type TrackerSettings = z.infer<typeof trackerSettings>;
