/**
 * A WebSocket client (RFC 6455) for benches: text messages without compression, headers of one's own, and a way to stop
 * reading. Node 20 has one only on request, and that one can neither. Used by house.mjs and fanout.mjs.
 */
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { connect } from 'node:net';

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 };
const NOTHING = Buffer.alloc(0);

/** Emits `open`, `message` (the text as bytes), `close` (code) and, when it cannot be opened, `error`. */
export class LiveSocket extends EventEmitter {
  #socket;
  #pending = NOTHING;
  #isOpen = false;
  #code = 1006;

  /** @param url ws://… */
  constructor(url, headers = {}) {
    super();
    const { hostname, port, host, pathname, search } = new URL(url);
    const all = {
      host,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      'sec-websocket-version': '13',
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setNoDelay();
    this.#socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`);
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      if (this.#isOpen) this.emit('close', this.#code);
      else this.emit('error', new Error(`${url} cannot be opened`));
    });
  }

  /** What the server sends piles up from here on. */
  pause() {
    this.#socket.pause();
  }

  close() {
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    if (!this.#isOpen && !this.#takeAnswer()) return;
    while (this.#takeFrame());
  }

  #takeAnswer() {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return false;
    if (!this.#pending.toString('latin1', 0, end).startsWith('HTTP/1.1 101 ')) {
      this.#socket.destroy();
      return false;
    }
    this.#pending = this.#pending.subarray(end + 4);
    this.#isOpen = true;
    this.emit('open');
    return true;
  }

  #takeFrame() {
    const pending = this.#pending;
    if (pending.length < 2) return false;
    let length = pending[1] & 127;
    const head = length === 126 ? 4 : length === 127 ? 10 : 2;
    if (pending.length < head) return false;
    if (length === 126) length = pending.readUInt16BE(2);
    else if (length === 127) length = Number(pending.readBigUInt64BE(2));
    if (pending.length < head + length) return false;
    const payload = pending.subarray(head, head + length);
    this.#pending = pending.subarray(head + length);
    const opcode = pending[0] & 15;
    if (opcode === OPCODE.text) this.emit('message', payload);
    else if (opcode === OPCODE.ping) this.#pong(payload);
    else if (opcode === OPCODE.close) {
      this.#code = length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#socket.end();
    }
    return true;
  }

  /** What a client sends is masked, were it by nothing. */
  #pong(payload) {
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | OPCODE.pong, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  }
}
