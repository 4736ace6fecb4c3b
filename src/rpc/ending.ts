/** analyzer → launcher: the last word of a process that is about to end itself by a signal. See src/end-process.ts. */
import { z } from 'zod';

export const endingSchema = z.strictObject({
  type: z.literal('ending'),
  /** What it would have ended with. */
  code: z.int().min(0).max(255),
  why: z.string(),
});

export type EndingMessage = z.infer<typeof endingSchema>;
