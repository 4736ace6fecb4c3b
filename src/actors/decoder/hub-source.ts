/** Asks the hub why it has no stream of a camera. Only the built-in hub says so; another one leaves the field out. */
import { z } from 'zod';
import type { DecoderSettings } from './settings.ts';

const ANSWER_WITHIN_MS = 1_000;
const pathSchema = z.object({ sourceError: z.string().nullish() });

/** One or two sentences, or null when the hub does not say. Never throws. */
export async function askSourceError({ hubApi, camera }: DecoderSettings): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(`${hubApi}/v3/paths/get/${encodeURIComponent(camera)}`, { signal });
    return pathSchema.parse(await response.json()).sourceError ?? null;
  } catch {
    return null;
  }
}
