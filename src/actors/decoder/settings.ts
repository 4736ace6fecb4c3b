/** Settings of one decoder room. */
import { z } from 'zod';

export const decoderSettings = z.strictObject({
  camera: z.string(),
  /** Where to read: rtsp://hub:8554/<camera> */
  url: z.string(),
  /** The hub's control API, http://hub:9997: why there is no stream. */
  hubApi: z.string(),
  /** No access unit for this long: the session is opened anew. */
  sourceStallMs: z.int().positive().default(5_000),
});

export type DecoderSettings = z.infer<typeof decoderSettings>;
