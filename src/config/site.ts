/** The site as the operator writes it: where the line is, how pixels become metres, what counts as a stop. */
import { z } from 'zod';
import type { Site } from '../domain/types.ts';

const imagePoint = z.tuple([z.number(), z.number()]);
const segment = z.tuple([imagePoint, imagePoint]);

const policy = z.strictObject({
  stop_speed: z.number().positive().default(1.5),
  min_stop_s: z.number().min(0).default(0.5),
  rolling_below: z.number().positive().default(8),
  confidence: z.number().gt(0.5).lt(1).default(0.95),
});

export const siteSchema: z.ZodType<Site> = z.strictObject({
  name: z.string().min(1),
  units: z.enum(['km/h', 'mph']).default('km/h'),
  timezone: z.string().default('UTC').refine(isTimezone, 'is not an IANA time zone such as Europe/Berlin'),
  image: z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
  stop_line: segment,
  approach: segment,
  stop_zone: z.array(imagePoint).min(3),
  calibration: z
    .strictObject({ points: z.array(z.strictObject({ image: imagePoint, ground: imagePoint })).min(4) })
    .optional(),
  policy: policy.prefault({}),
  vehicles: z.array(z.string()).min(1).default(['car', 'truck', 'bus', 'motorcycle']),
}) as unknown as z.ZodType<Site>;

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
