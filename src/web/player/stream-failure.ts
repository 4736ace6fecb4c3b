/** Why there is no picture, as WHEP and HLS tell it in the same terms. Words for people are made of it in live/stream-words.ts. Pure. */

/**
 * `codec`: this browser cannot decode what the camera sends; `unauthorized`: a login is asked for; `not-found`: nobody
 * publishes this camera now; `busy`: come again later; `refused`: another error; `no-media`: signalling went well and no
 * picture came; `ended`: the hub said goodbye; `stalled`: frames stopped; `hub-down`: the gateway answers, the hub behind it
 * does not; `timeout` and `unreachable`: nobody answers.
 */
export type FailureKind =
  | 'codec'
  | 'unauthorized'
  | 'not-found'
  | 'busy'
  | 'refused'
  | 'no-media'
  | 'stalled'
  | 'ended'
  | 'hub-down'
  | 'timeout'
  | 'unreachable';

export interface StreamFailure {
  readonly kind: FailureKind;
  /** Technical, for the diagnostics. */
  readonly detail: string;
  /** Not before then, as the server says (Retry-After). */
  readonly retryAfterMs?: number;
  /** The same attempt would fail again, as it is the stream or this browser that does not fit. */
  readonly isFinal?: boolean;
}

/** The most telling first: what somebody has said of the stream before what was only not heard. */
const BY_WORTH: readonly FailureKind[] = [
  'codec',
  'unauthorized',
  'not-found',
  'busy',
  'refused',
  'no-media',
  'stalled',
  'ended',
  'hub-down',
  'timeout',
  'unreachable',
];

/** Of what WebRTC was left for, and what HLS failed with after it; the first where both are worth the same. */
export function moreTelling(webrtc: StreamFailure | null, hls: StreamFailure): StreamFailure {
  if (!webrtc) return hls;
  return BY_WORTH.indexOf(hls.kind) < BY_WORTH.indexOf(webrtc.kind) ? hls : webrtc;
}

/** Whether somebody answered: the server is there. */
export function isAnswered({ kind }: StreamFailure): boolean {
  return kind !== 'unreachable' && kind !== 'timeout';
}

/** A failure that another attempt over WebRTC is unlikely to cure, while HLS may still get through. */
export function speaksForHls({ kind }: StreamFailure): boolean {
  return kind === 'no-media' || kind === 'refused' || kind === 'busy' || kind === 'codec';
}

/** What a status says where its body tells nothing more; null: another error. */
export function kindOfStatus(status: number): FailureKind | null {
  if (status === 404) return 'not-found';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 406 || status === 415) return 'codec';
  if (status === 429) return 'busy';
  return status >= 502 && status <= 504 ? 'hub-down' : null;
}
