/** Records that travel in the rings between rooms: type numbers and payload shapes (JSON, UTF-8). Types and codec only. */
import type { TrackInfo } from '../domain/site-analyzer.ts';
import type { Detection, PassEvidence, PassSample, StopsignEvent } from '../domain/types.ts';
import type { ViewFinding } from '../domain/view-watch/view-finding.ts';

export const RECORD = {
  /** inference → tracker */
  detections: 1,
  /** tracker → gateway: the very bytes a WebSocket client gets */
  live: 2,
  /** tracker, supervisor → persister */
  facts: 3,
  /** decoder → gateway: sender reports and stream state */
  signal: 4,
} as const;

/** UTC µs at which a frame left each stage. */
export interface Stages {
  readonly received: number;
  readonly decoded: number;
  /** The inference room took it up: what is before is waiting. */
  readonly taken?: number;
  /** It lies ready for the model, scaled and in its colours. */
  readonly drawn?: number;
  readonly inferred?: number;
  readonly tracked?: number;
  readonly emitted?: number;
}

/** Not every frame is analysed just now: there is more to do than time for it, or the road is empty. */
export interface Sampling {
  readonly reason: 'load' | 'empty_road';
  /** Frames a second that are analysed, of those that are decoded. A frame that was left out says nothing. */
  readonly fps: number;
  readonly of: number;
}

/** One analysed frame. Boxes are pixels of width × height, the picture as decoded. */
export interface DetectionsRecord {
  readonly camera: string;
  readonly frame: number;
  readonly epoch: number;
  readonly rtp: number;
  readonly captureTsUs: number;
  readonly width: number;
  readonly height: number;
  readonly detections: readonly Detection[];
  /** What the view watch found; pixels as above. Absent between two looks while nothing is wrong. */
  readonly view?: ViewFinding;
  /** Only while frames are left out on purpose. */
  readonly sampling?: Sampling;
  readonly stages: Stages;
}

/** What the persister stores. Events and passes are never shed; frames are, when the spool is full. */
export type Fact =
  | { readonly kind: 'frame'; readonly record: DetectionsRecord }
  | { readonly kind: 'track'; readonly track: TrackSummary }
  | {
      readonly kind: 'event';
      readonly event: StopsignEvent;
      /** Of a pass: smoothed, for people. */
      readonly samples?: readonly PassSample[];
      /** Of a pass: what it was judged on, for judging it again. */
      readonly evidence?: PassEvidence;
    }
  | { readonly kind: 'metrics'; readonly metrics: SessionMetrics };

/** A vehicle as it was followed: written when first confirmed, each 5 s, and when it ends. */
export interface TrackSummary extends TrackInfo {
  readonly camera: string;
  readonly ended: boolean;
  /** `calibrationVersion` of the site it was followed on; absent in a replay, and from versions that did not tell it. */
  readonly calibration?: string;
}

/** One minute of one camera's session. */
export interface SessionMetrics {
  readonly camera: string;
  readonly epoch: number;
  readonly fromUtc: number;
  readonly toUtc: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly framesSkipped: number;
  readonly framesTracked: number;
  /** decode → tracked, milliseconds */
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeRecord(value: DetectionsRecord | Fact | object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** As `decodeRecord`, null for what is no JSON object: one damaged record is no reason for a thread to end. */
export function tryDecodeRecord<T extends object>(payload: Uint8Array): T | null {
  try {
    const value = decodeRecord<T | null>(payload);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** Whether it has what the tracker relies on. */
export function isDetectionsRecord(value: Partial<DetectionsRecord> | null): value is DetectionsRecord {
  if (!value || !Array.isArray(value.detections) || !Number.isFinite(value.captureTsUs)) return false;
  const sizes = [value.width, value.height];
  if (!sizes.every((size) => Number.isFinite(size) && (size as number) > 0)) return false;
  return value.detections.every(
    ({ bbox, score }: Detection) => bbox?.length === 4 && bbox.every(Number.isFinite) && Number.isFinite(score),
  );
}

/** `payload` may be a window onto shared memory: it is copied first (TextDecoder refuses shared buffers). */
export function decodeRecord<T>(payload: Uint8Array): T {
  return JSON.parse(decoder.decode(payload.slice())) as T;
}
