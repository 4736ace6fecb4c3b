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

/** A camera behind the hub. It reconnects by itself and never throws at the listener. */
export interface Camera {
  open(listener: CameraListener): void;
  counters(): { readonly sequenceGaps: number; readonly reconnects: number };
  /** Ends the session and opens another. */
  reopen?(): void;
  close(): Promise<void>;
}

export type OpenDecoder = (codec: VideoCodec) => Promise<StreamDecoder>;
