/** Settings of one decoder room. */
import { z } from 'zod';

export const decoderSettings = z.strictObject({
  camera: z.string(),
  /** Where to read: rtsp://hub:8554/<camera> */
  url: z.string(),
  /** The hub's control API, http://hub:9997: why there is no stream. */
  hubApi: z.string(),
  /** With which the control API is asked; absent: without. */
  hubLogin: z.strictObject({ user: z.string(), password: z.string() }).optional(),
  /** No access unit for this long: the session is opened anew. */
  sourceStallMs: z.int().positive().default(5_000),
  /** The picture does not change for so long: the session is opened anew, then the operator's command is run. */
  frozen: z.strictObject({ afterS: z.number().positive(), command: z.string().optional() }).prefault({ afterS: 60 }),
});

export type DecoderSettings = z.infer<typeof decoderSettings>;
/** As the plan gives them: what has a default may be left out. */
export type GivenDecoderSettings = z.input<typeof decoderSettings>;
