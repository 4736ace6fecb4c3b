/**
 * One UDP port for all viewers (`hub.webrtc_udp_port`), as MediaMTX has it: which session a datagram is for is told by the user name
 * in its connectivity check (RFC 8445 §7.3), and from then on by where it comes from. A check counts only when it is signed with
 * that session's password, so nobody takes an address over by naming a session. Owned by `WhepServer`.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Message, parseMessage } from 'werift';
import { StopsignError } from '../../errors.ts';

/** Of one session; a browser tries a handful of ways. */
const MAX_ADDRESSES = 32;
/** All viewers' pictures go through one buffer of the kernel. */
const SEND_BUFFER_BYTES = 4 * 1024 * 1024;
const BINDING_REQUEST = 0x0001;

export type UdpAddress = readonly [host: string, port: number];

/** What belongs to one session. */
export interface MuxLane {
  /** Local part of the user name in its checks. */
  readonly ufrag: string;
  readonly password: string;
  /** Whether it asked something under this transaction id, hexadecimal. */
  hasAsked(transaction: string): boolean;
  onData(data: Buffer, from: UdpAddress): void;
}

export class UdpMux {
  readonly #socket: Socket;
  readonly #lanes = new Map<string, MuxLane>();
  /** `host:port` of a browser → its session. */
  readonly #addresses = new Map<string, MuxLane>();
  #isClosed = false;

  /**
   * @param port 0: any
   * @throws StopsignError PORT_TAKEN, BAD_CONFIG
   */
  static async open(port: number): Promise<UdpMux> {
    const socket = createSocket('udp4');
    try {
      socket.bind(port);
      await once(socket, 'listening');
    } catch (cause) {
      socket.close();
      const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
      throw new StopsignError(isTaken ? 'PORT_TAKEN' : 'BAD_CONFIG', `The hub cannot use the UDP port ${port}.`, {
        remedy: isTaken
          ? 'Stop the program that uses it, or choose another one with hub.webrtc_udp_port.'
          : 'Choose another one with hub.webrtc_udp_port.',
        cause,
      });
    }
    return new UdpMux(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    try {
      socket.setSendBufferSize(SEND_BUFFER_BYTES);
    } catch {
      // The system keeps it smaller: bursts wait in the process instead.
    }
    socket.on('message', (data, { address, port }) => this.#onMessage(data, [address, port]));
    // What cannot be delivered is reported here; each session notices a dead way by itself.
    socket.on('error', () => {});
  }

  get port(): number {
    return this.#socket.address().port;
  }

  add(lane: MuxLane): void {
    this.#lanes.set(lane.ufrag, lane);
  }

  remove(lane: MuxLane): void {
    this.#lanes.delete(lane.ufrag);
    for (const [address, owner] of this.#addresses) if (owner === lane) this.#addresses.delete(address);
  }

  /** Never throws. A host that is a name is left out: browsers send addresses, and looking names up is not for here. */
  send(data: Buffer, [host, port]: UdpAddress): void {
    if (!this.#isClosed && /^[\d.]+$/.test(host)) this.#socket.send(data, port, host, () => {});
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#lanes.clear();
    this.#addresses.clear();
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #onMessage(data: Buffer, from: UdpAddress): void {
    const key = from.join(':');
    const known = this.#addresses.get(key);
    // RFC 7983: 0 to 3 is STUN.
    if ((data[0] ?? 255) > 3) known?.onData(data, from);
    else if (data.length >= 20 && data.readUInt16BE(0) === BINDING_REQUEST) this.#onCheck(data, from, key);
    else if (data.length >= 20) {
      // An answer may come from where no check has come yet.
      const transaction = data.toString('hex', 8, 20);
      const asker = known?.hasAsked(transaction)
        ? known
        : [...this.#lanes.values()].find((lane) => lane.hasAsked(transaction));
      asker?.onData(data, from);
    }
  }

  #onCheck(data: Buffer, from: UdpAddress, key: string): void {
    const name: unknown = tryParse(data)?.getAttributeValue('USERNAME');
    const lane = typeof name === 'string' ? this.#lanes.get(name.split(':')[0] ?? '') : undefined;
    if (!lane || !tryParse(data, Buffer.from(lane.password, 'utf8'))?.attributesKeys.includes('MESSAGE-INTEGRITY'))
      return;
    if (this.#addresses.get(key) !== lane) this.#own(key, lane);
    lane.onData(data, from);
  }

  #own(key: string, lane: MuxLane): void {
    this.#addresses.delete(key);
    this.#addresses.set(key, lane);
    const own = [...this.#addresses].filter(([, owner]) => owner === lane);
    if (own.length > MAX_ADDRESSES) this.#addresses.delete(own[0]?.[0] ?? '');
  }
}

/** Undefined for what is no STUN message, or is not signed with the password. */
function tryParse(data: Buffer, password?: Buffer): Message | undefined {
  try {
    return parseMessage(data, password);
  } catch {
    return undefined;
  }
}
