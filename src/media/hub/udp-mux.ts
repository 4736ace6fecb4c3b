/**
 * One UDP port for all viewers (`hub.webrtc_udp_port`), as MediaMTX has it: which session a datagram is for is told by the user name
 * in its connectivity check (RFC 8445 §7.3), and from then on by where it comes from. A check counts only when it is signed with
 * that session's password, and an address stays with its session while that one is heard from it, so nobody takes one over by naming
 * a session or by forging where he is. Owned by `WhepServer`.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { StopsignError } from '../../errors.ts';
import { isSigned, kindOf, MAX_ADDRESSES, sessionOfCheck } from './signed-check.ts';

/** An address stays with its session while checks for that session come from it; browsers send one every 6 s at the latest. */
const HELD_MS = 10_000;
/** All viewers' pictures go through one buffer of the kernel. */
const SEND_BUFFER_BYTES = 4 * 1024 * 1024;

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
  /** `host:port` of a browser → its session, and when a check for that session came last. */
  readonly #owners = new Map<string, { readonly lane: MuxLane; readonly heardMs: number }>();
  readonly #nowMs: () => number;
  #isClosed = false;

  /**
   * @param port 0: any
   * @param nowMs a steady clock
   * @throws StopsignError PORT_TAKEN, BAD_CONFIG
   */
  static async open(port: number, nowMs: () => number = () => performance.now()): Promise<UdpMux> {
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
    return new UdpMux(socket, nowMs);
  }

  private constructor(socket: Socket, nowMs: () => number) {
    this.#socket = socket;
    this.#nowMs = nowMs;
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
    for (const [address, owner] of this.#owners) if (owner.lane === lane) this.#owners.delete(address);
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
    this.#owners.clear();
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #onMessage(data: Buffer, from: UdpAddress): void {
    const key = from.join(':');
    const known = this.#owners.get(key)?.lane;
    const kind = kindOf(data);
    if (kind === 'check') this.#onCheck(data, from, key);
    else if (kind !== 'answer') known?.onData(data, from);
    else {
      // An answer may come from where no check has come yet.
      const transaction = data.toString('hex', 8, 20);
      const asker = known?.hasAsked(transaction)
        ? known
        : [...this.#lanes.values()].find((lane) => lane.hasAsked(transaction));
      asker?.onData(data, from);
    }
  }

  #onCheck(data: Buffer, from: UdpAddress, key: string): void {
    const lane = this.#lanes.get(sessionOfCheck(data));
    if (lane && isSigned(data, lane.password) && this.#tryOwn(key, lane)) lane.onData(data, from);
  }

  /**
   * Source addresses can be forged: who has a session of his own must not get another's address by it, as long as that one speaks.
   * False: it belongs to another, or the session has too many.
   */
  #tryOwn(key: string, lane: MuxLane): boolean {
    const heardMs = this.#nowMs();
    const owner = this.#owners.get(key);
    if (owner && owner.lane !== lane && heardMs - owner.heardMs < HELD_MS) return false;
    if (owner?.lane !== lane && this.#countOf(lane) >= MAX_ADDRESSES) return false;
    this.#owners.set(key, { lane, heardMs });
    return true;
  }

  #countOf(lane: MuxLane): number {
    let count = 0;
    for (const owner of this.#owners.values()) if (owner.lane === lane) count += 1;
    return count;
  }
}
