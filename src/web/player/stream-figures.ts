/** What the browser says of the WebRTC stream it receives (W3C webrtc-stats, inbound-rtp), for the page. */

export interface StreamFigures {
  /** e.g. `H264`; null while unknown. */
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly framesReceived: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  /** Times the picture froze. */
  readonly freezes: number;
  readonly bytes: number;
  readonly packets: number;
  readonly packetsLost: number;
  /** How long a frame waited before it was decoded, ms: the mean since the session began, or of an interval. */
  readonly bufferMs: number | null;
  /** Sum and count behind `bufferMs`. */
  readonly bufferedS: number;
  readonly bufferedFrames: number;
}

/** Null where there is no video stream to speak of. */
export function readFigures(report: RTCStatsReport): StreamFigures | null {
  const entries = [...(report as unknown as Map<string, Record<string, unknown>>).values()];
  const inbound = entries.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
  if (!inbound) return null;
  const number = (name: string) => (typeof inbound[name] === 'number' ? inbound[name] : 0);
  const codec = entries.find(({ id }) => id === inbound['codecId'])?.['mimeType'];
  const bufferedS = number('jitterBufferDelay');
  const bufferedFrames = number('jitterBufferEmittedCount');
  return {
    codec: typeof codec === 'string' ? codec.replace(/^video\//i, '') : null,
    width: number('frameWidth') || null,
    height: number('frameHeight') || null,
    framesReceived: number('framesReceived'),
    framesDecoded: number('framesDecoded'),
    framesDropped: number('framesDropped'),
    freezes: number('freezeCount'),
    bytes: number('bytesReceived'),
    packets: number('packetsReceived'),
    packetsLost: Math.max(0, number('packetsLost')),
    bufferMs: bufferedFrames > 0 ? (bufferedS / bufferedFrames) * 1_000 : null,
    bufferedS,
    bufferedFrames,
  };
}

/** Between two readings. */
export interface StreamRates {
  readonly kbps: number;
  readonly decodedFps: number;
  /** Share of the packets that did not come, 0 … 1. */
  readonly lossShare: number;
  readonly bufferMs: number | null;
}

export function ratesBetween(before: StreamFigures, now: StreamFigures, seconds: number): StreamRates {
  const frames = now.bufferedFrames - before.bufferedFrames;
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  const sent = lost + now.packets - before.packets;
  return {
    kbps: ((now.bytes - before.bytes) * 8) / 1_000 / seconds,
    decodedFps: (now.framesDecoded - before.framesDecoded) / seconds,
    lossShare: sent > 0 ? lost / sent : 0,
    bufferMs: frames > 0 ? ((now.bufferedS - before.bufferedS) / frames) * 1_000 : null,
  };
}

/** Share of lost packets from which a person is told. */
const MUCH_LOSS = 0.05;

/** A sentence for a person; null while the stream is as it should be. */
export function streamTrouble({ lossShare }: StreamRates): string | null {
  if (lossShare < MUCH_LOSS) return null;
  return `The connection is too weak for this picture: ${Math.round(lossShare * 100)} % of it does not arrive.`;
}
