/**
 * The form of a scenario file (reference: docs/sim.md). Checked in two steps, the frame and then each actor by what it
 * does, so that an error names the actor's own key. Used by scenario-file.ts alone.
 */
import { z } from 'zod';

/** A fixed number, or one that the scenario's seed draws: `{ between: [7, 9] }` (resolved before this schema). */
const metres = z.number().min(-200).max(200);
const speed = z.number().gt(0).max(60);
const seconds = z.number().min(0).max(3600);
const groundPoint = z.tuple([metres, metres]);
const worldPoint = z.tuple([metres, metres, metres]);

export const CAMERA_NAMES = ['corner', 'side', 'behind', 'along', 'opposite', 'low', 'high'] as const;

export const frameSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'is lower-case letters, digits and -'),
  description: z.string().min(1),
  seed: z.int().min(0).max(0xffffffff).default(1),
  duration_s: z.number().min(1).max(600),
  fps: z.number().min(1).max(120).default(30),
  loop: z.boolean().default(false),
  size: z
    .strictObject({ width: z.int().min(160).max(3840).multipleOf(2), height: z.int().min(120).max(2160).multipleOf(2) })
    .default({ width: 1280, height: 720 }),
  camera: z
    .union(
      [
        z.enum(CAMERA_NAMES),
        z.strictObject({ position: worldPoint, look_at: worldPoint, fov_deg: z.number().min(5).max(120) }),
      ],
      { error: `one of ${CAMERA_NAMES.join(', ')}, or { position, look_at, fov_deg }` },
    )
    .default('corner'),
  light: z.enum(['day', 'dusk', 'night']).default('day'),
  rain: z.boolean().default(false),
  disturbance: z
    .strictObject({
      bump: z
        .strictObject({
          at_s: seconds,
          shift_px: z.tuple([z.number().min(-500).max(500), z.number().min(-500).max(500)]),
        })
        .optional(),
      freeze: z.strictObject({ from_s: seconds, to_s: seconds }).optional(),
      variable_fps: z
        .strictObject({
          min_fps: z.number().min(1).max(120),
          max_fps: z.number().min(1).max(120),
          change_every_s: z.number().min(0.1).max(60).default(1),
          drop_share: z.number().min(0).max(0.5).default(0),
        })
        .optional(),
    })
    .optional(),
  site: z
    .strictObject({
      units: z.enum(['km/h', 'mph']).default('km/h'),
      timezone: z.string().default('Europe/Berlin'),
      zone_m: z.number().min(2).max(40).default(12),
      policy: z
        .strictObject({
          stop_speed: z.number().positive().default(1.5),
          min_stop_s: z.number().min(0).default(0.5),
          rolling_below: z.number().positive().default(8),
          confidence: z.number().gt(0.5).lt(1).default(0.95),
        })
        .prefault({}),
    })
    .prefault({}),
  actors: z.array(z.unknown()).min(1).max(200),
});

const BODIES = ['sedan', 'suv', 'hatch', 'van', 'bus', 'cyclist', 'pedestrian'] as const;

const base = {
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'is lower-case letters, digits and -'),
  body: z.enum(BODIES).default('sedan'),
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'is a colour such as "#8f1d1d"')
    .default('#9a9da0'),
  headlights: z.boolean().optional(),
};

const handling = {
  brake_mps2: z.number().min(0.2).max(10).default(2.5),
  pull_mps2: z.number().min(0.2).max(10).default(2),
  /** Absent: piecewise constant acceleration. */
  jerk_mps3: z.number().min(0.5).max(50).optional(),
};

const driver = {
  ...base,
  ...handling,
  time_s: z.number().min(-3600).max(3600),
  approach_mps: speed.default(8),
  leave_mps: speed.optional(),
  offset_m: z.number().min(-4).max(4).default(0),
  from_m: metres.optional(),
  to_m: metres.optional(),
};
const judged = { ...driver, turn: z.enum(['straight', 'right', 'left']).default('straight') };

const slowdown = z.strictObject({
  before_line_m: metres,
  speed_mps: z.number().min(0).max(60).default(0),
  stand_s: seconds.default(0),
});

/** What a vehicle of a queue does once it is first: as the behaviours of the same names. */
const afterQueue = z.discriminatedUnion('does', [
  z.strictObject({ does: z.literal('stop'), stand_s: seconds, gap_m: metres.default(0.6) }),
  z.strictObject({ does: z.literal('roll'), min_mps: speed, at_m: metres.default(0) }),
  z.strictObject({ does: z.literal('run') }),
]);

export const actorSchemas = {
  stop: z.strictObject({
    does: z.literal('stop'),
    ...judged,
    stand_s: seconds,
    /** Negative: the front stands beyond the line. */
    gap_m: metres.default(0.6),
    earlier: z.array(slowdown).max(8).default([]),
  }),
  roll: z.strictObject({
    does: z.literal('roll'),
    ...judged,
    min_mps: speed,
    at_m: metres.default(0),
    earlier: z.array(slowdown).max(8).default([]),
  }),
  run: z.strictObject({ does: z.literal('run'), ...judged }),
  queue: z.strictObject({
    does: z.literal('queue'),
    ...judged,
    behind: z.string(),
    gap_m: z.number().min(0.3).max(20).default(1.5),
    reaction_s: z.number().min(0.1).max(20).default(0.9),
    afterwards: afterQueue,
  }),
  cross: z.strictObject({ does: z.literal('cross'), ...driver, from: z.enum(['near', 'far']) }),
  oncoming: z.strictObject({ does: z.literal('oncoming'), ...driver }),
  parked: z.strictObject({
    does: z.literal('parked'),
    ...base,
    at: groundPoint,
    heading_deg: z.number().min(-360).max(360).default(0),
  }),
  park_and_leave: z.strictObject({
    does: z.literal('park_and_leave'),
    ...base,
    ...handling,
    time_s: z.number().min(-3600).max(3600),
    stand_s: z.number().min(1).max(3600),
    before_line_m: metres,
    kerb_offset_m: z.number().min(0.2).max(1.2).default(0.8),
    approach_mps: speed.default(6),
    leave_mps: speed.optional(),
    from_m: metres.optional(),
    to_m: metres.optional(),
    afterwards: afterQueue.optional(),
  }),
  walk: z.strictObject({
    does: z.literal('walk'),
    ...base,
    body: z.enum(['pedestrian', 'cyclist']).default('pedestrian'),
    from: groundPoint,
    to: groundPoint,
    start_s: z.number().min(-3600).max(3600),
    speed_mps: z.number().min(0.2).max(12).default(1.4),
  }),
} as const;

export type Behaviour = keyof typeof actorSchemas;
export type FrameFile = z.infer<typeof frameSchema>;
export type ActorFile = { [K in Behaviour]: z.infer<(typeof actorSchemas)[K]> }[Behaviour];
