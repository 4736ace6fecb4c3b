/**
 * Asks the hub's control API which link is broken when a camera's stream does not come: the camera, or what lies between hub and
 * analyzer. The built-in hub says why it has no stream; MediaMTX says only that it has none. Used by `HubCamera`.
 */
import { z } from 'zod';
import type { DecoderSettings } from './settings.ts';

const ANSWER_WITHIN_MS = 1_000;
/** `available` is MediaMTX's newer word for `ready`. */
const pathSchema = z.object({
  ready: z.boolean().optional(),
  available: z.boolean().optional(),
  sourceError: z.string().nullish(),
});

/**
 * One or two sentences; null when the hub does not say: it does not answer, which the stream's own failure tells better, or it
 * does not let us ask.
 * @param failure what the analyzer met when it asked for the stream
 * Never throws.
 */
export async function askSourceError(
  { hubApi, hubLogin, camera }: DecoderSettings,
  failure: string,
): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const login = hubLogin && Buffer.from(`${hubLogin.user}:${hubLogin.password}`).toString('base64');
    const headers: Record<string, string> = login ? { Authorization: `Basic ${login}` } : {};
    const response = await fetch(`${hubApi}/v3/paths/get/${encodeURIComponent(camera)}`, { signal, headers });
    const body: unknown = await response.json();
    if (response.status === 404) return noStream(camera);
    if (!response.ok) return null;
    const { ready, available, sourceError } = pathSchema.parse(body);
    if (sourceError) return sourceError;
    if (ready === undefined && available === undefined) return null;
    if (available ?? ready) return `The hub has the stream of ${camera}, and the analyzer does not get it. ${failure}`;
    return noStream(camera);
  } catch {
    return null;
  }
}

function noStream(camera: string): string {
  return `The hub runs and gets no stream of ${camera}. Check that the camera is on, its address in the configuration, and the network between it and the hub.`;
}
