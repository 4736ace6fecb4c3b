/** What a resident is told of a stream that does not come: a sentence and what can be done. Used by stream-words.ts. Pure. */
import type { FailureKind } from '../player/stream-failure.ts';

export interface FailureWords {
  readonly reason: string;
  /** null: nothing to be done but to wait. */
  readonly remedy: string | null;
}

export const FAILURE_WORDS: Readonly<Record<FailureKind, FailureWords>> = {
  codec: {
    reason: 'This browser cannot play the video format of the camera.',
    remedy: 'Set the camera to H.264, or try another browser.',
  },
  unauthorized: {
    reason: 'The media hub does not let this page in.',
    remedy: 'Check the hub’s login in the configuration.',
  },
  'not-found': {
    reason: 'The camera is not sending a picture.',
    remedy: 'Check that it has power and network.',
  },
  busy: {
    reason: 'Too many people are watching just now.',
    remedy: 'Close other windows that show this camera.',
  },
  refused: {
    reason: 'The media hub refuses to send the picture.',
    remedy: 'Its own words are under “How good is the picture?”.',
  },
  'no-media': {
    reason: 'The stream is there, but no picture gets through.',
    remedy: 'Check whether a firewall or VPN keeps it out.',
  },
  stalled: { reason: 'The picture stood still.', remedy: null },
  ended: { reason: 'The media hub ended the stream.', remedy: null },
  'hub-down': {
    reason: 'The media hub does not answer.',
    remedy: 'StopSign’s own starts again by itself; check any other.',
  },
  timeout: { reason: 'The server takes too long to answer.', remedy: 'Check the network to it.' },
  unreachable: {
    reason: 'The server does not answer.',
    remedy: 'Check that StopSign is running, and your network.',
  },
};

/** These are about this page alone, whatever the analyzer gets. */
export function isOfThisPage(kind: FailureKind): boolean {
  return kind === 'codec' || kind === 'busy' || kind === 'unauthorized' || kind === 'refused';
}
