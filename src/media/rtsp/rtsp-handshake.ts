/**
 * What is said between the connection and PLAY: OPTIONS, DESCRIBE and SETUP of the video track, with the dialects that cameras
 * speak. Used by `RtspSession`, once per connection.
 */
import type { VideoCodec } from '../access-unit.ts';
import type { RtspAddress } from './rtsp-address.ts';
import type { RtspConnection } from './rtsp-connection.ts';
import * as failure from './rtsp-failure.ts';
import { headerOf, type RtspResponse } from './rtsp-message.ts';
import { parseSdp, type VideoTrack } from './sdp.ts';

export interface ReadyToPlay {
  readonly kind: 'ready';
  readonly track: VideoTrack;
  readonly codec: VideoCodec;
  /** What PLAY, the keep-alive and TEARDOWN name. */
  readonly url: string;
  readonly id: string;
  readonly timeoutS: number;
  readonly keepAlive: 'GET_PARAMETER' | 'OPTIONS';
  /** Channels (TCP) or the camera's ports (UDP); null when it did not say. */
  readonly pair: readonly [rtp: number, rtcp: number] | null;
}

/** `moved`: the camera names another address. `refused-transport`: not this way (461). */
export type Handshake =
  | ReadyToPlay
  | { readonly kind: 'moved'; readonly location: string }
  | { readonly kind: 'refused-transport' };

const DEFAULT_SESSION_TIMEOUT_S = 60;
const UNSUPPORTED_TRANSPORT = 461;

/**
 * @param udpPorts ours; null for interleaved TCP
 * @throws StopsignError STREAM_UNAVAILABLE, STREAM_UNAUTHORIZED
 */
export async function shakeHands(
  connection: RtspConnection,
  address: RtspAddress,
  udpPorts: readonly [rtp: number, rtcp: number] | null,
): Promise<Handshake> {
  const { label } = address;
  // A camera that refuses OPTIONS may still play, so its status does not matter.
  const methods = headerOf(await connection.ask('OPTIONS', address.url), 'public') ?? '';

  const description = await connection.ask('DESCRIBE', address.url, { Accept: 'application/sdp' });
  const moved = movedTo(description);
  if (moved !== null) return { kind: 'moved', location: moved };
  demandSuccess(description, 'DESCRIBE', label);
  const { video: track, control } = parseSdp(description.body);
  if (!track) throw failure.noVideoTrack(label);
  if (track.codec === null) throw failure.unsupportedCodec(label, track.encoding);
  const base = baseOf(description, address.url);

  const setup = await connection.ask('SETUP', controlUrl(base, track.control), {
    Transport: udpPorts
      ? `RTP/AVP;unicast;client_port=${udpPorts[0]}-${udpPorts[1]}`
      : 'RTP/AVP/TCP;unicast;interleaved=0-1',
  });
  const movedNow = movedTo(setup);
  if (movedNow !== null) return { kind: 'moved', location: movedNow };
  if (udpPorts && setup.status === UNSUPPORTED_TRANSPORT) return { kind: 'refused-transport' };
  demandSuccess(setup, 'SETUP', label);
  const session = headerOf(setup, 'session') ?? '';
  const id = session.split(';')[0]?.trim();
  if (!id) throw failure.badAnswer(label, 'SETUP');
  const timeoutS = Number(/timeout=(\d{1,5})/i.exec(session)?.[1] ?? DEFAULT_SESSION_TIMEOUT_S);
  return {
    kind: 'ready',
    track,
    codec: track.codec,
    url: controlUrl(base, control),
    id,
    timeoutS: Math.max(timeoutS, 2),
    keepAlive: /GET_PARAMETER/i.test(methods) ? 'GET_PARAMETER' : 'OPTIONS',
    pair: pairOf(headerOf(setup, 'transport') ?? '', udpPorts ? 'server_port' : 'interleaved'),
  };
}

/** @throws StopsignError unless the status is 200 */
export function demandSuccess(response: RtspResponse, method: string, label: string): void {
  if (response.status !== 200) throw failure.requestRefused(label, method, response.status, response.reason);
}

/** RFC 2326 §11.3: 301, 302, and what HTTP knows beside them. */
function movedTo(response: RtspResponse): string | null {
  return response.status >= 300 && response.status < 400 ? (headerOf(response, 'location') ?? null) : null;
}

/** RFC 2326 §C.1.1. Cameras leave the header out, leave it empty, or give it relative to what was asked for. */
function baseOf(description: RtspResponse, asked: string): string {
  const given = headerOf(description, 'content-base') || headerOf(description, 'content-location');
  return given && URL.canParse(given, asked) ? new URL(given, asked).href : asked;
}

/** RFC 2326 §C.1.1, as cameras really do it: relative controls are appended to the base, query and all. */
function controlUrl(base: string, control: string): string {
  if (control === '' || control === '*') return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  return `${base}${base.endsWith('/') ? '' : '/'}${control.replace(/^\//, '')}`;
}

function pairOf(transport: string, name: 'interleaved' | 'server_port'): [number, number] | null {
  const match = new RegExp(`${name}=(\\d{1,5})(?:-(\\d{1,5}))?`, 'i').exec(transport);
  if (!match) return null;
  const rtp = Number(match[1]);
  const rtcp = match[2] === undefined ? rtp + 1 : Number(match[2]);
  return rtp <= 0xffff && rtcp <= 0xffff ? [rtp, rtcp] : null;
}
