/** What the decoder room needs from outside: a camera that gives access units, and a decoder that makes pictures of them. */
import type { AccessUnit, VideoCodec } from '../../media/access-unit.ts';
import type { StreamDecoder } from '../../media/decode/port.ts';
import type { StreamState } from '../../rpc/live.ts';

export interface CameraListener {
  onUnit(unit: AccessUnit): void;
  onSenderReport(report: { readonly epoch: number; readonly rtp: number; readonly utcUs: number }): void;
  /** `detail`: in words, with the remedy; null when all is well. */
  onState(state: StreamState, detail: string | null): void;
}

/** Of all sessions since the port was opened; a session that is opened anew may begin at zero. */
export interface CameraCounters {
  readonly sequenceGaps: number;
  readonly reconnects: number;
  /** Packets that never came. */
  readonly lostPackets: number;
  /** Whole access units that could not be used, because they build on what was lost. */
  readonly skippedUnits: number;
}

/** A camera behind the hub. It reconnects by itself and never throws at the listener. */
export interface Camera {
  open(listener: CameraListener): void;
  counters(): CameraCounters;
  /** Ends the session and opens another. */
  reopen?(): void;
  close(): Promise<void>;
}

export type OpenDecoder = (codec: VideoCodec) => Promise<StreamDecoder>;
