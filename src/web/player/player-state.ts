/** What the player is doing, for the page; words for people are made here and nowhere else. */
import type { WhepFailure } from './whep-client.ts';

export type Transport = 'webrtc' | 'hls';

export type PlayerState =
  | { readonly kind: 'connecting'; readonly transport: Transport }
  | { readonly kind: 'playing'; readonly transport: Transport }
  /** Between two attempts; `retryAtMs` on the performance clock. */
  | {
      readonly kind: 'waiting';
      readonly transport: Transport;
      readonly reason: string;
      /** The server gave an answer, so it is there. */
      readonly isAnswered: boolean;
      readonly retryAtMs: number;
    }
  /** The browser wants a gesture before it plays. */
  | { readonly kind: 'blocked'; readonly transport: Transport }
  /** Nobody has looked at the page for a while: the stream was given back. */
  | { readonly kind: 'away'; readonly transport: Transport };

export type PlayFailure =
  | WhepFailure
  | {
      readonly kind: 'stalled' | 'hls' | 'switched' | 'away';
      readonly detail: string;
      readonly retryAfterMs?: never;
      readonly isFinal?: never;
    };

/** Whether somebody answered; a failure of HLS does not tell. */
export function isAnswered({ kind }: PlayFailure): boolean {
  return kind !== 'unreachable' && kind !== 'hls';
}

/** A failure that another attempt over WebRTC is unlikely to cure, while HLS may still get through. */
export function speaksForHls(failure: PlayFailure): boolean {
  return failure.kind === 'peer' || failure.kind === 'refused' || failure.kind === 'busy';
}

export function failureInWords(failure: PlayFailure): string {
  switch (failure.kind) {
    case 'no-stream':
      return 'The camera is not publishing.';
    case 'unauthorized':
      return 'The media hub refuses access.';
    case 'refused':
      return `The media hub refuses: ${failure.detail.replace(/\.?$/, '.')}`;
    case 'busy':
      return `The media hub is busy: ${failure.detail.replace(/\.?$/, '.')}`;
    case 'stalled':
      return 'The picture stood still.';
    default:
      return failure.detail;
  }
}
