/**
 * Tries, while the camera plays over HLS, whether WebRTC would work by now: a second session that is never shown and is
 * left as soon as its media path stands. Called by player.ts.
 */
import { openWhep } from './whep-client.ts';

const CONNECTS_WITHIN_MS = 10_000;

/** Never throws; `signal` ends it early. */
export async function webrtcWorks(whepUrl: string, signal: AbortSignal): Promise<boolean> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(CONNECTS_WITHIN_MS)]);
  let settle!: (works: boolean) => void;
  const connected = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  ended.addEventListener('abort', () => settle(false));
  const result = await openWhep({
    url: whepUrl,
    signal: ended,
    fetch: (...request) => fetch(...request),
    createPeer: (configuration) => {
      const peer = new RTCPeerConnection(configuration);
      peer.addEventListener('connectionstatechange', () => {
        if (peer.connectionState === 'connected') settle(true);
      });
      return peer;
    },
    onTrack: () => undefined,
    onBroken: () => settle(false),
  });
  if ('failure' in result) return false;
  const works = await connected;
  result.session.close();
  return works;
}
