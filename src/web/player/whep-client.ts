/**
 * One WHEP reading session (draft-ietf-wish-whep): ask for ICE servers, offer, apply the answer, trickle candidates,
 * leave with DELETE. Retrying is the player's business; here every outcome is a value and every wait is bounded.
 */
import { parseIceServers, parseOffer, sdpFragment, type TrickledCandidate } from './whep-sdp.ts';

/**
 * `no-stream`: nobody publishes this camera now; `unreachable`: hub or gateway does not answer; `busy`: it asks to come
 * again later; `refused`: it answered with another error; `peer`: signalling went well but no media path was found, or
 * it broke; `ended`: the hub said goodbye.
 */
export interface WhepFailure {
  readonly kind: 'no-stream' | 'unreachable' | 'unauthorized' | 'busy' | 'refused' | 'peer' | 'ended' | 'aborted';
  readonly detail: string;
  /** Not before then, as the server says (Retry-After). */
  readonly retryAfterMs?: number;
  /** `refused`: the same offer would be refused again, as it is the stream or this browser that does not fit. */
  readonly isFinal?: boolean;
}

export interface WhepOptions {
  /** Absolute URL of `/media/<camera>/whep`. */
  readonly url: string;
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
  readonly createPeer: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly onTrack: (stream: MediaStream, receiver: RTCRtpReceiver) => void;
  /** The connection broke after it had been opened; the caller closes the session. */
  readonly onBroken: (failure: WhepFailure) => void;
  readonly requestTimeoutMs?: number;
}

export interface WhepSession {
  /** Idempotent: closes the peer and deletes the session at the hub without waiting for it. */
  close(): void;
}

export type WhepResult = { readonly session: WhepSession } | { readonly failure: WhepFailure };

/** A page does not believe that it shall wait for hours. */
const LONGEST_RETRY_MS = 60_000;

export async function openWhep(options: WhepOptions): Promise<WhepResult> {
  const { url, signal, onTrack, onBroken, requestTimeoutMs = 8_000 } = options;
  const request = (target: string, init: RequestInit) =>
    options.fetch(target, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]) });

  let iceServers: RTCIceServer[];
  try {
    iceServers = parseIceServers((await request(url, { method: 'OPTIONS' })).headers.get('link'));
  } catch (error) {
    return { failure: networkFailure(signal, error) };
  }

  const peer = options.createPeer({ iceServers });
  const waiting: TrickledCandidate[] = [];
  let sessionUrl: string | null = null;
  /** Of the session's ICE state, as the server names it; `*` where it gives none. */
  let entityTag = '*';
  let isClosed = false;
  let offer = parseOffer('');

  const session: WhepSession = {
    close() {
      if (isClosed) return;
      isClosed = true;
      peer.close();
      // keepalive: it must also go out while the page is being left
      if (sessionUrl) options.fetch(sessionUrl, { method: 'DELETE', keepalive: true }).catch(() => undefined);
    },
  };
  const broken = (failure: WhepFailure) => {
    if (!isClosed) onBroken(failure);
  };
  const trickle = () => {
    if (!sessionUrl || isClosed || waiting.length === 0) return;
    const body = sdpFragment(offer, waiting.splice(0));
    const headers = { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': entityTag };
    request(sessionUrl, { method: 'PATCH', headers, body }).then(
      (response) => response.status === 404 && broken({ kind: 'ended', detail: 'The hub ended the session.' }),
      () => undefined, // a candidate that got lost shows as a connection that does not come up
    );
  };

  peer.addTransceiver('video', { direction: 'recvonly' });
  peer.ontrack = ({ streams, track, receiver }) => onTrack(streams[0] ?? new MediaStream([track]), receiver);
  peer.onicecandidate = ({ candidate }) => {
    if (!candidate) return;
    waiting.push({ candidate: candidate.candidate, sdpMLineIndex: candidate.sdpMLineIndex });
    trickle();
  };
  peer.onconnectionstatechange = () => {
    if (peer.connectionState === 'failed' || peer.connectionState === 'closed') {
      broken({ kind: 'peer', detail: 'No media path to the hub was found (blocked UDP?).' });
    }
  };

  try {
    const description = await peer.createOffer();
    offer = parseOffer(description.sdp ?? '');
    await peer.setLocalDescription(description);
    const response = await request(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: description.sdp ?? '',
    });
    if (response.status !== 201) {
      session.close();
      return { failure: await statusFailure(response) };
    }
    const location = response.headers.get('location');
    sessionUrl = location ? new URL(location, url).href : null;
    entityTag = response.headers.get('etag') ?? '*';
    await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    for (const { transport } of peer.getReceivers()) {
      // No state of the connection tells it: a transport that was closed in order counts as a good one.
      transport?.addEventListener('statechange', () => {
        if (transport.state === 'closed') broken({ kind: 'ended', detail: 'The hub ended the session.' });
      });
    }
    trickle();
    return { session };
  } catch (error) {
    session.close();
    return { failure: networkFailure(signal, error) };
  }
}

async function statusFailure(response: Response): Promise<WhepFailure> {
  const said = (await response.text().catch(() => '')).trim();
  const detail = errorField(said) ?? `status ${response.status}`;
  const later = retryAfter(response.headers.get('retry-after'));
  if (response.status === 404) return { kind: 'no-stream', detail: 'The camera is not publishing.', ...later };
  // A proxy whose hub is down says 503 as well, but gives no reason that is the hub's.
  if (response.status === 429 || (response.status === 503 && errorField(said) !== null))
    return { kind: 'busy', detail, ...later };
  if (response.status === 401 || response.status === 403) return { kind: 'unauthorized', detail };
  if (response.status >= 502 && response.status <= 504)
    return { kind: 'unreachable', detail: 'The media hub is down.', ...later };
  return { kind: 'refused', detail, isFinal: response.status < 500, ...later };
}

/** Seconds (RFC 9110 §10.2.3); a date is not read: the clocks of browsers are not good enough. */
function retryAfter(header: string | null): { retryAfterMs?: number } {
  return header !== null && /^\d{1,6}$/.test(header.trim())
    ? { retryAfterMs: Math.min(Number(header) * 1_000, LONGEST_RETRY_MS) }
    : {};
}

function networkFailure(signal: AbortSignal, error: unknown): WhepFailure {
  if (signal.aborted) return { kind: 'aborted', detail: 'The player was closed.' };
  const isNetwork = error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
  if (isNetwork) return { kind: 'unreachable', detail: 'The server does not answer.' };
  return { kind: 'refused', detail: error instanceof Error ? error.message : String(error) };
}

function errorField(body: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === 'object' && 'error' in parsed) return String(parsed.error);
  } catch {
    // not JSON: no reason was given
  }
  return null;
}
