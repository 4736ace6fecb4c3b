/** One coded picture as it came over RTP. */
export type VideoCodec = 'h264' | 'h265';

export interface AccessUnit {
  /** Counts RTSP sessions from 1; a reconnect starts the next. */
  readonly epoch: number;
  /** RTP timestamp, uint32, 90 kHz. */
  readonly rtp: number;
  /** Capture time, UTC µs: from the sender report, else estimated from arrival. */
  readonly utcUs: number;
  readonly utcSource: 'sender-report' | 'arrival';
  /** UTC µs when its last packet arrived. */
  readonly receivedUs: number;
  readonly codec: VideoCodec;
  /** A decoder can start here (IDR/IRAP with parameter sets in front). */
  readonly key: boolean;
  /** Annex B: start codes, parameter sets in front of every key unit. */
  readonly data: Uint8Array;
}
