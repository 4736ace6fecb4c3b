/** Whether one camera's pipeline does its work, from the status board alone. Pure; used by the camera channel. */
import type { LiveStatus } from '../../rpc/live.ts';
import type { Sampling } from '../../rpc/records.ts';
import type { StatusBoard } from '../../shm/status-board.ts';

/** Older than this, a thread does not answer any more. Twice the longest piece of work of a healthy room. */
const DEAD_HEARTBEAT_MS = 3_000;
/** Below this share of the decoded frames viewers see boxes jump. */
const MIN_ANALYZED_SHARE = 0.8;
const MAX_LATENCY_MS = 500;

export interface PipelineView {
  readonly board: StatusBoard;
  readonly camera: string;
  readonly nowUs: number;
  readonly fps: LiveStatus['fps'];
  /** Frames are left out on purpose. */
  readonly sampling?: Sampling | null;
  readonly latencyP95Ms: number | null;
}

export interface PipelineVerdict {
  readonly pipeline: LiveStatus['pipeline'];
  /** In words, when it is not ok. */
  readonly detail: string | null;
}

/** The actors that one camera's frames pass. */
export function actorsOf(camera: string): readonly string[] {
  return [`decoder:${camera}`, 'inference', `tracker:${camera}`];
}

/** Age of an actor's heartbeat, ms; null before the first. */
export function heartbeatAgeMs(heartbeatUs: number, nowUs: number): number | null {
  return heartbeatUs === 0 ? null : Math.max(0, Math.round((nowUs - heartbeatUs) / 1000));
}

export function judgePipeline({ board, camera, nowUs, fps, sampling, latencyP95Ms }: PipelineView): PipelineVerdict {
  for (const name of actorsOf(camera)) {
    const row = board.row(name);
    if (row.state !== 'running') return { pipeline: 'down', detail: `${name} is ${row.state}.` };
    const ageMs = heartbeatAgeMs(row.get('heartbeatUs'), nowUs);
    if (ageMs === null || ageMs > DEAD_HEARTBEAT_MS) return { pipeline: 'down', detail: `${name} does not answer.` };
  }
  if (fps.decoded > 0 && fps.analyzed === 0) {
    return { pipeline: 'down', detail: 'Frames are decoded, but none is analysed.' };
  }
  // Little is analysed because there is little to see: all is well.
  const isResting = sampling?.reason === 'empty_road';
  if (sampling?.reason === 'load' && sampling.fps < sampling.of * MIN_ANALYZED_SHARE) {
    return {
      pipeline: 'degraded',
      detail: `Sampled ${whole(sampling.fps)} of ${whole(sampling.of)} fps: the model cannot keep up.`,
    };
  }
  if (!isResting && fps.analyzed < fps.decoded * MIN_ANALYZED_SHARE) {
    return { pipeline: 'degraded', detail: `${fps.analyzed} of ${fps.decoded} frames a second are analysed.` };
  }
  if (latencyP95Ms !== null && latencyP95Ms > MAX_LATENCY_MS) {
    return { pipeline: 'degraded', detail: `Results come ${Math.round(latencyP95Ms)} ms after the picture.` };
  }
  return { pipeline: 'ok', detail: null };
}

const whole = (fps: number): string => (fps < 3 ? String(fps) : String(Math.round(fps)));
