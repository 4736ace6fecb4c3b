/** What the player is doing, for the page. */
import type { StreamFailure } from './stream-failure.ts';

export type Transport = 'webrtc' | 'hls';

export type PlayerState =
  | {
      readonly kind: 'connecting';
      readonly transport: Transport;
      /** What both ways have failed with since there was a picture: the next attempt is not news. */
      readonly again?: StreamFailure;
    }
  | { readonly kind: 'playing'; readonly transport: Transport }
  /** Between two attempts; `retryAtMs` on the performance clock. */
  | {
      readonly kind: 'waiting';
      readonly transport: Transport;
      /** The most telling of what WebRTC and HLS failed with. */
      readonly failure: StreamFailure;
      readonly retryAtMs: number;
    }
  /** The browser wants a gesture before it plays. */
  | { readonly kind: 'blocked'; readonly transport: Transport }
  /** Nobody has looked at the page for a while: the stream was given back. */
  | { readonly kind: 'away'; readonly transport: Transport };

/** How a session ends: it failed, or somebody here wanted it to end. */
export type SessionOutcome =
  | StreamFailure
  | {
      readonly kind: 'switched' | 'away' | 'aborted';
      readonly detail: string;
      readonly retryAfterMs?: never;
      readonly isFinal?: never;
    };

export function isFailure(outcome: SessionOutcome): outcome is StreamFailure {
  return outcome.kind !== 'switched' && outcome.kind !== 'away' && outcome.kind !== 'aborted';
}
