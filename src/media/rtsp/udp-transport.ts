/**
 * RTP and RTCP of one track over UDP: a pair of ports, packets put back into sequence, a receiver report every few seconds.
 * Opened by `RtspSession` when a camera is to be watched over UDP; lives on the loop of whoever opened the session.
 */
import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { StopsignError } from '../../errors.ts';
import { ReceptionReport } from './reception-report.ts';
import { ReorderBuffer } from './reorder-buffer.ts';

export interface UdpTransportOptions {
  /** The camera's IP address: nobody else is listened to. */
  readonly host: string;
  /** In sequence; gaps are real. */
  onRtp(packet: Buffer): void;
  onRtcp(packet: Buffer): void;
}

const REPORT_EVERY_MS = 5_000;
const RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024;
/** RTP wants an even port and the next one for RTCP (RFC 3550 §11): so many pairs are tried. */
const PAIRS_TRIED = 30;

export class UdpTransport {
  readonly ports: readonly [rtp: number, rtcp: number];
  readonly #sockets: readonly [rtp: dgram.Socket, rtcp: dgram.Socket];
  readonly #host: string;
  readonly #report = new ReceptionReport(randomInt(1, 2 ** 32));
  #reportTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @throws StopsignError STREAM_UNAVAILABLE when there is no pair of ports */
  static async open(options: UdpTransportOptions): Promise<UdpTransport> {
    for (let tried = 0; tried < PAIRS_TRIED; tried += 1) {
      const rtp = await bind(options.host, 0);
      const { port } = rtp?.address() ?? { port: 1 };
      const rtcp = port % 2 === 0 ? await bind(options.host, port + 1) : null;
      if (rtp && rtcp) return new UdpTransport(options, [rtp, rtcp], [port, port + 1]);
      rtp?.close();
    }
    throw new StopsignError('STREAM_UNAVAILABLE', 'This machine has no pair of free UDP ports for RTP.', {
      remedy: 'Set rtsp_transport: tcp for the camera.',
    });
  }

  private constructor(
    options: UdpTransportOptions,
    sockets: readonly [dgram.Socket, dgram.Socket],
    ports: readonly [number, number],
  ) {
    this.ports = ports;
    this.#sockets = sockets;
    this.#host = plainAddress(options.host);
    const buffer = new ReorderBuffer({ emit: options.onRtp });
    this.#listen(sockets[0], (packet, nowMs) => {
      if (packet.length < 12 || packet.readUInt8(0) >> 6 !== 2) return;
      this.#report.onRtp(packet, nowMs);
      buffer.push(packet, nowMs);
    });
    this.#listen(sockets[1], (packet, nowMs) => {
      this.#report.onRtcp(packet, nowMs);
      options.onRtcp(packet);
    });
  }

  /**
   * Opens the way through a firewall or NAT on our side with a first packet to each of the camera's ports, and reports from
   * then on.
   */
  start(serverPorts: readonly [rtp: number, rtcp: number]): void {
    if (this.#isClosed || this.#reportTimer) return;
    const emptyPacket = Buffer.alloc(12);
    emptyPacket.writeUInt8(0x80, 0);
    this.#sockets[0].send(emptyPacket, serverPorts[0], this.#host, () => {});
    const report = () => {
      this.#sockets[1].send(this.#report.format(performance.now()), serverPorts[1], this.#host, () => {});
    };
    report();
    this.#reportTimer = setInterval(report, REPORT_EVERY_MS);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#reportTimer);
    for (const socket of this.#sockets) socket.close();
  }

  #listen(socket: dgram.Socket, onPacket: (packet: Buffer, nowMs: number) => void): void {
    // An ICMP answer to one of our packets; the stream's own timeouts say when nothing comes.
    socket.on('error', () => {});
    socket.on('message', (packet, { address }) => {
      if (!this.#isClosed && plainAddress(address) === this.#host) onPacket(packet, performance.now());
    });
  }
}

async function bind(host: string, port: number): Promise<dgram.Socket | null> {
  const socket = dgram.createSocket(net.isIPv6(plainAddress(host)) ? 'udp6' : 'udp4');
  try {
    socket.bind(port);
    await once(socket, 'listening');
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    return socket;
  } catch {
    socket.close();
    return null;
  }
}

/** IPv4 addresses in IPv6 clothes as IPv4. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
