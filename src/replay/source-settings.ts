/** What the thread that reads a replay's video is given. */
import { z } from 'zod';

export const sourceSettings = z.strictObject({
  camera: z.string(),
  /** The video, absolute or below the working directory. */
  path: z.string(),
  backend: z.enum(['beamcoder', 'node-av']),
});

export type SourceSettings = z.infer<typeof sourceSettings>;
