/**
 * One browser that watches over WebRTC (werift): H.264 passed through, RTP timestamps unchanged, a sender report each second.
 * Made by `WhepServer`; ends when the connection fails, the viewer leaves, or the stream ends.
 */
import { randomUUID } from 'node:crypto';
import {
  type Connection,
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpSender,
  RtcpSenderInfo,
  RtcpSrPacket,
  RtpHeader,
  RtpPacket,
} from 'werift';
import { utcUsToNtp } from '../rtsp/rtcp.ts';
import { parseRtpPacket } from '../rtsp/rtp-packet.ts';
import { ownAddresses, withHosts } from './answer-hosts.ts';
import { sayFarewell } from './dtls-farewell.ts';
import { guardIce } from './ice-guard.ts';
import { joinMux } from './mux-protocol.ts';
import { isUsable, withUsableCandidates } from './offered-candidates.ts';
import type { Stream, StreamReader } from './stream.ts';
import type { UdpMux } from './udp-mux.ts';
import { WebRtcPacketizer } from './webrtc-packetizer.ts';

export interface WhepSessionOptions {
  readonly stream: Stream;
  /** The browser's SDP offer. */
  readonly offer: string;
  readonly additionalHosts: readonly string[];
  readonly udpPorts: readonly [from: number, to: number] | undefined;
  /** One port for all; null: this session opens its own. */
  readonly mux: UdpMux | null;
  /** As the viewer asked, without the question mark. */
  readonly query: string;
  readonly remoteAddress: string;
  /** For whom it is counted, see `clientOf`. */
  readonly client: string | null;
  onClosed(session: WhepSession): void;
}

const REPORT_EVERY_MS = 1_000;
const GATHER_MS = 2_000;
/** A longer group of pictures is not sent at once: a network that drops half of such a burst shows nothing sooner. */
const MAX_BURST_BYTES = 512 * 1024;
/** A viewer that has not connected after this long will not. */
const CONNECT_MS = 15_000;
/** Trickled candidates, all together: each is an address that we send to. */
const MAX_CANDIDATES = 64;

export class WhepSession implements StreamReader {
  readonly type = 'webRTCSession';
  /** What the control API shows. */
  readonly id = randomUUID();
  /** In the session's URL: whoever knows it may end the session. */
  readonly secret = randomUUID();
  readonly created = new Date();
  readonly #options: WhepSessionOptions;
  readonly #peer: RTCPeerConnection;
  readonly #sender: RTCRtpSender;
  readonly #packetizer: WebRtcPacketizer;
  readonly #connectTimer: NodeJS.Timeout;
  #removeReader: (() => void) | null = null;
  #reportTimer: NodeJS.Timeout | undefined;
  #hasBegun = false;
  #isClosed = false;
  #packets = 0;
  #octets = 0;
  #candidates = 0;

  /** @throws whatever werift makes of an offer that it does not understand */
  static async open(options: WhepSessionOptions): Promise<{ session: WhepSession; answer: string }> {
    const session = new WhepSession(options);
    try {
      return { session, answer: await session.#negotiate() };
    } catch (cause) {
      session.close();
      throw cause;
    }
  }

  private constructor(options: WhepSessionOptions) {
    this.#options = options;
    this.#packetizer = new WebRtcPacketizer(() => options.stream.track.parameterSets);
    this.#peer = new RTCPeerConnection({
      codecs: {
        video: [
          new RTCRtpCodecParameters({
            mimeType: 'video/H264',
            clockRate: 90_000,
            parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
            rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }],
          }),
        ],
        // Never sent; there so that an offer with an audio section can be answered.
        audio: [new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8_000, channels: 1, payloadType: 0 })],
      },
      headerExtensions: {},
      iceServers: [],
      // With a shared port there is nothing to gather: its candidate is there already.
      ...(options.mux
        ? { iceUseIpv4: false }
        : { iceAdditionalHostAddresses: ['127.0.0.1', ...options.additionalHosts] }),
      iceUseIpv6: false,
      ...(options.udpPorts && { icePortRange: [...options.udpPorts] as [number, number] }),
      bundlePolicy: 'max-bundle',
    });
    const track = new MediaStreamTrack({ kind: 'video' });
    this.#sender = this.#peer.addTransceiver(track, { direction: 'sendonly' }).sender;
    // werift's own reports put decimal digits into the NTP fraction: keep it from starting them, ours are sent instead.
    this.#sender.rtcpRunning = true;
    this.#connectTimer = setTimeout(() => this.close(), CONNECT_MS);
    this.#peer.connectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#onConnected();
      else if (state === 'failed' || state === 'closed' || state === 'disconnected') this.close();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isConnected(): boolean {
    return this.#removeReader !== null;
  }

  get path(): string {
    return this.#options.stream.path;
  }

  get query(): string {
    return this.#options.query;
  }

  get remoteAddress(): string {
    return this.#options.remoteAddress;
  }

  get client(): string | null {
    return this.#options.client;
  }

  /** RTP payload. */
  get outboundBytes(): number {
    return this.#octets;
  }

  get outboundPackets(): number {
    return this.#packets;
  }

  /** A trickled candidate. One that the hub cannot reach is left out. */
  addCandidate(candidate: string, mid: string | null): void {
    if (!isUsable(candidate)) return;
    this.#candidates += 1;
    if (this.#candidates > MAX_CANDIDATES) return;
    this.#peer.addIceCandidate({ candidate, sdpMid: mid ?? '0', sdpMLineIndex: Number(mid) || 0 }).catch(() => {});
  }

  /** A fragment with credentials that are not those of the offer asks for an ICE restart (RFC 9725 §4.3.3). */
  isRestart(fragment: string): boolean {
    const ufrag = /^a=ice-ufrag:(\S+)/m.exec(fragment)?.[1];
    if (ufrag === undefined || !/^a=ice-pwd:\S/m.test(fragment)) return false;
    return ![...this.#options.offer.matchAll(/^a=ice-ufrag:(\S+)/gm)].some(([, known]) => known === ufrag);
  }

  onPacket(bytes: Buffer): void {
    const packet = parseRtpPacket(bytes);
    if (!packet || packet.payload.length === 0) return;
    const { packets, isKeyStart } = this.#packetizer.push(packet);
    if (!this.#hasBegun && !isKeyStart) return;
    this.#hasBegun = true;
    for (const { payload, marker, sequence, timestamp } of packets) {
      this.#packets += 1;
      this.#octets += payload.length;
      const header = new RtpHeader({ marker, sequenceNumber: sequence, timestamp, payloadType: 96 });
      this.#sender.sendRtp(new RtpPacket(header, payload)).catch(() => {});
    }
    if (this.#reportTimer === undefined) {
      this.#report();
      this.#reportTimer = setInterval(() => this.#report(), REPORT_EVERY_MS);
    }
  }

  onStreamEnd(): void {
    this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#connectTimer);
    clearInterval(this.#reportTimer);
    this.#removeReader?.();
    this.#options.onClosed(this);
    void sayFarewell(this.#sender.dtlsTransport).then(() => this.#peer.close().catch(() => {}));
  }

  async #negotiate(): Promise<string> {
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: withUsableCandidates(this.#options.offer) });
    // The viewer opens DTLS as soon as he is ready. werift opening it towards a viewer that is not yet has to repeat itself, and
    // gives up when it is asked for its cookie twice (HelloVerifyRequest, RFC 6347 §4.2.1).
    if (!/^a=setup:passive\s*$/m.test(this.#options.offer)) this.#sender.dtlsTransport.role = 'server';
    const { mux, additionalHosts } = this.#options;
    const { dtlsTransport } = this.#sender;
    guardIce(dtlsTransport);
    // A browser's farewell, or a certificate that is not that of the offer: werift's connection goes on without saying so.
    dtlsTransport.onStateChange.subscribe((state) => {
      if (state === 'closed' || state === 'failed') this.close();
    });
    if (mux) joinMux(dtlsTransport.iceTransport.connection as Connection, mux);
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    await this.#gathered();
    const answer = this.#peer.localDescription?.sdp;
    if (!answer) throw new Error('no answer');
    return withHosts(answer, mux ? [...ownAddresses(), ...additionalHosts] : additionalHosts);
  }

  async #gathered(): Promise<void> {
    if (this.#peer.iceGatheringState === 'complete') return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GATHER_MS);
    });
    const complete = this.#peer.iceGatheringStateChange.watch((state) => state === 'complete');
    await Promise.race([complete, patience]);
    clearTimeout(timer);
  }

  #onConnected(): void {
    clearTimeout(this.#connectTimer);
    if (this.#isClosed || this.#removeReader) return;
    if (this.#options.stream.isClosed) {
      this.close();
      return;
    }
    this.#removeReader = this.#options.stream.addReader(this);
    const { newestGop } = this.#options.stream;
    if (newestGop.reduce((sum, packet) => sum + packet.length, 0) > MAX_BURST_BYTES) return;
    for (const packet of newestGop) this.onPacket(packet);
  }

  #report(): void {
    const mapping = this.#options.stream.timeMapping();
    if (!mapping) return;
    const [seconds, fraction] = utcUsToNtp(mapping.utcUs);
    const senderInfo = new RtcpSenderInfo({
      ntpTimestamp: (BigInt(seconds) << 32n) | BigInt(fraction),
      rtpTimestamp: mapping.rtp,
      packetCount: this.#packets >>> 0,
      octetCount: this.#octets >>> 0,
    });
    const report = new RtcpSrPacket({ ssrc: this.#sender.ssrc, senderInfo });
    this.#sender.dtlsTransport.sendRtcp([report]).catch(() => {});
  }
}
