/**
 * What the launcher hands to the analyzer and the hub (as JSON in STOPSIGN_RUNTIME): everything resolved, nothing left
 * to look up. Paths are absolute.
 */
import { z } from 'zod';
import { FAMILIES } from '../vision/model-input.ts';
import { siteSchema } from './site.ts';

const hubLoginSchema = z.strictObject({ user: z.string().min(1), password: z.string().min(1) });

export const hubUrlsSchema = z.strictObject({
  /** Base URLs without trailing slash: rtsp://host:8554, http://host:8889, http://host:8888, http://host:9997 */
  rtsp: z.string(),
  webrtc: z.string(),
  hls: z.string(),
  api: z.string(),
  /** With which gateway and decoders read from the hub; absent: it asks for none. */
  login: hubLoginSchema.optional(),
});

export const runtimeSchema = z.strictObject({
  cameras: z
    .array(
      z.strictObject({
        name: z.string(),
        source: z.string().nullable(),
        site: siteSchema,
        /** Hash of the site, stored with every pass. */
        configVersion: z.string(),
        /** true: the virtual camera plays the demo clip. */
        demo: z.boolean(),
        /** The true boxes and passes of the clip that this camera plays by the wall clock; null: nobody knows the truth. */
        truth: z.string().nullable(),
        /** What is done when the picture does not change any more; absent: as the decoder thinks best. */
        frozen: z.strictObject({ after_s: z.number(), command: z.string().optional() }).optional(),
        /** The model rests while its road is empty; absent: it never does. */
        motionGate: z.boolean().optional(),
      }),
    )
    .min(1),
  hub: hubUrlsSchema,
  model: z.strictObject({
    name: z.string(),
    path: z.string(),
    sha256: z.string(),
    /** The three are null for a user's own file: recognised when it is opened. */
    family: z.enum(FAMILIES).nullable(),
    input: z.strictObject({ width: z.int(), height: z.int(), layout: z.enum(FAMILIES) }).nullable(),
    classes: z.array(z.string()).nullable(),
    minScore: z.number(),
    nmsIou: z.number(),
    threads: z.int(),
  }),
  gateway: z.strictObject({ host: z.string(), port: z.int() }),
  /** Other origins whose pages may listen to the live metadata. */
  allowOrigins: z.array(z.string()).optional(),
  /** The analyzer may hold so much; absent: half of the machine's memory. */
  memoryLimitBytes: z.int().optional(),
  databaseUrl: z.string(),
  keepDetectionsDays: z.number(),
  dataDir: z.string(),
  webDir: z.string(),
  adminToken: z.string(),
  viewers: z.enum(['public', 'token']),
  /** Faults may be injected (`--enable-faults`); absent: never. */
  faults: z.boolean().optional(),
});

export type Runtime = z.infer<typeof runtimeSchema>;
export type HubLogin = z.infer<typeof hubLoginSchema>;
export type HubUrls = z.infer<typeof hubUrlsSchema>;
