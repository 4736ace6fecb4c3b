/**
 * The virtual camera that keeps time with the wall clock: whoever knows the capture time of a picture knows which picture
 * of the clip it is, over restarts of camera, hub and analyzer. It begins on a whole second, where the clip has a
 * keyframe, with the picture that belongs to that second. Used by `plan.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * ffmpeg begins to play so long after it was started (seen: 44 ms; later on a busy machine). Being wrong here shows as a
 * camera that is late by the difference; the capture times stay right, because the sender reports tell them.
 */
export const START_LEAD_MS = 35;

/** The next whole second that ffmpeg can still make, and how long to wait before starting it. */
export function nextStart(
  nowMs: number,
  leadMs = START_LEAD_MS,
): { readonly startUtcS: number; readonly waitMs: number } {
  const startUtcS = Math.ceil((nowMs + leadMs) / 1_000);
  return { startUtcS, waitMs: startUtcS * 1_000 - leadMs - nowMs };
}

/**
 * An ffconcat list that is the clip turned so that it begins with the picture of `startUtcS`; looped as a whole it has no
 * seam. (`-ss` together with `-stream_loop` loses the part before.)
 */
export function clockList(clip: string, durationS: number, startUtcS: number): string {
  const file = `file '${clip.replaceAll("'", "'\\''")}'`;
  const beginS = startUtcS % durationS;
  const parts = beginS === 0 ? [file] : [file, `inpoint ${beginS}`, file, `outpoint ${beginS}`];
  return `${['ffconcat version 1.0', ...parts].join('\n')}\n`;
}

/** Rejects with the signal's reason when it aborts first. */
export async function waitForStart(signal: AbortSignal, nowMs = Date.now()): Promise<number> {
  const { startUtcS, waitMs } = nextStart(nowMs);
  await sleep(waitMs, undefined, { signal });
  return startUtcS;
}
