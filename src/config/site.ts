/** The site as the operator writes it: where the line is, how pixels become metres, what counts as a stop. */
import { z } from 'zod';
import { POLICY_PRESETS, policyPreset } from '../domain/stop/policy-presets.ts';
import type { Site, SpeedUnit, StopPolicy } from '../domain/types.ts';

const imagePoint = z.tuple([z.number(), z.number()]);
const segment = z.tuple([imagePoint, imagePoint]);

const policy = z.strictObject({
  preset: z.enum(POLICY_PRESETS).optional(),
  stop_speed: z.number().positive().optional(),
  min_stop_s: z.number().min(0).optional(),
  rolling_below: z.number().positive().optional(),
  confidence: z.number().gt(0.5).lt(1).optional(),
  detector_error: z.number().min(0).max(0.5).optional(),
});

/** Without a preset the numbers of the standard one hold, whatever the unit: as before there were presets. */
function wholePolicy(said: z.infer<typeof policy>, units: SpeedUnit): StopPolicy {
  const { preset, ...own } = said;
  const base = preset ? { ...policyPreset(preset, units), preset } : policyPreset('standard', 'km/h');
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...base, ...given };
}

const lens = z.strictObject({
  fx: z.number().positive(),
  fy: z.number().positive(),
  cx: z.number(),
  cy: z.number(),
  k1: z.number().default(0),
  k2: z.number().default(0),
  p1: z.number().default(0),
  p2: z.number().default(0),
});

export const siteSchema: z.ZodType<Site> = z
  .strictObject({
    name: z.string().min(1),
    units: z.enum(['km/h', 'mph']).default('km/h'),
    timezone: z.string().default('UTC').refine(isTimezone, 'is not an IANA time zone such as Europe/Berlin'),
    image: z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
    stop_line: segment,
    approach: segment,
    stop_zone: z.array(imagePoint).min(3),
    calibration: z
      .strictObject({
        points: z.array(z.strictObject({ image: imagePoint, ground: imagePoint })).min(4),
        lens: lens.optional(),
      })
      .optional(),
    policy: policy.prefault({}),
    vehicles: z.array(z.string()).min(1).default(['car', 'truck', 'bus', 'motorcycle']),
  })
  .transform((site) => ({ ...site, policy: wholePolicy(site.policy, site.units) })) as unknown as z.ZodType<Site>;

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
