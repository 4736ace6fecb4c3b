/**
 * One WHEP reading session (draft-ietf-wish-whep): ask for ICE servers, offer, apply the answer, trickle candidates,
 * leave with DELETE. Retrying is the player's business; here every outcome is a value and every wait is bounded.
 */
import { kindOfStatus, type StreamFailure } from './stream-failure.ts';
import { parseIceServers, parseOffer, sdpFragment, type TrickledCandidate } from './whep-sdp.ts';

/** `aborted`: the caller's signal. */
export type WhepFailure =
  | StreamFailure
  | { readonly kind: 'aborted'; readonly detail: string; readonly retryAfterMs?: never };

export interface WhepOptions {
  /** Absolute URL of `/media/<camera>/whep`. */
  readonly url: string;
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
  readonly createPeer: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly onTrack: (stream: MediaStream, receiver: RTCRtpReceiver) => void;
  /** The connection broke after it had been opened; the caller closes the session. */
  readonly onBroken: (failure: StreamFailure) => void;
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
  const broken = (failure: StreamFailure) => {
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
      broken({ kind: 'no-media', detail: 'No media path to the hub was found (blocked UDP?).' });
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
  // A proxy whose hub is down says 503 as well, but gives no reason that is the hub's.
  if (response.status === 503 && errorField(said) !== null) return { kind: 'busy', detail, ...later };
  const kind = kindOfStatus(response.status) ?? (isOfCodec(response.status, detail) ? 'codec' : 'refused');
  if (kind === 'refused' || kind === 'codec') return { kind, detail, isFinal: response.status < 500, ...later };
  return { kind, detail, ...later };
}

/** Hubs refuse a codec with 400, as they do everything else about an offer: only the sentence tells (MediaMTX: "codecs not supported by client"). */
function isOfCodec(status: number, detail: string): boolean {
  return status === 400 && /\bcodecs?\b|\bh\.?26[45]\b/i.test(detail);
}

/** Seconds (RFC 9110 §10.2.3); a date is not read: the clocks of browsers are not good enough. */
function retryAfter(header: string | null): { retryAfterMs?: number } {
  return header !== null && /^\d{1,6}$/.test(header.trim())
    ? { retryAfterMs: Math.min(Number(header) * 1_000, LONGEST_RETRY_MS) }
    : {};
}

function networkFailure(signal: AbortSignal, error: unknown): WhepFailure {
  if (signal.aborted) return { kind: 'aborted', detail: 'The player was closed.' };
  if (error instanceof TypeError) return { kind: 'unreachable', detail: error.message };
  if (error instanceof DOMException && error.name === 'TimeoutError') return { kind: 'timeout', detail: error.message };
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
