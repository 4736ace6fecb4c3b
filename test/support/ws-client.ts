/** A WebSocket client (RFC 6455) for tests: text messages, pings, close codes, and a way to stop reading. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export class WsClient implements AsyncDisposable {
  /** Parsed JSON, in the order it came. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages freely
  readonly messages: any[] = [];
  /** Length of the raw text of each message. */
  readonly texts: string[] = [];
  pings = 0;
  closed: { code: number; reason: string } | null = null;
  /** The status line, when the upgrade was refused. */
  refused: string | null = null;
  private readonly socket: Socket;
  private pending = Buffer.alloc(0);
  private upgraded = false;

  constructor(url: string, headers: Record<string, string> = {}) {
    const { hostname, port, host, pathname, search } = new URL(url);
    this.socket = connect(Number(port), hostname);
    const key = randomBytes(16).toString('base64');
    const lines = Object.entries({
      host,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': key,
      'sec-websocket-version': '13',
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`);
    this.socket.on('data', (chunk) => this.take(chunk as Buffer));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed ??= { code: 1006, reason: '' };
    });
  }

  ofType(type: string) {
    return this.messages.filter((message) => message.type === type);
  }

  async waitFor(type: string, count = 1) {
    await until(() => this.ofType(type).length >= count, { what: `${count} message(s) of type ${type}` });
    return this.ofType(type);
  }

  /** Resolves with the close code and reason. */
  async waitClosed() {
    return until(() => this.closed, { what: 'the connection to be closed' });
  }

  send(value: unknown): void {
    this.write(OPCODE.text, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
  }

  sendBinary(bytes: Uint8Array): void {
    this.write(OPCODE.binary, Buffer.from(bytes));
  }

  /** Stops reading: what the server sends piles up. */
  pause(): void {
    this.socket.pause();
  }
  resume(): void {
    this.socket.resume();
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.waitClosed();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private write(opcode: number, payload: Buffer): void {
    const mask = randomBytes(4);
    const long = payload.length > 125;
    const head = Buffer.alloc(long ? 4 : 2);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (long ? 126 : payload.length);
    if (long) head.writeUInt16BE(payload.length, 2);
    const masked = payload.map((byte, i) => byte ^ (mask[i % 4] as number));
    this.socket.write(Buffer.concat([head, mask, masked]));
  }

  private take(chunk: Buffer): void {
    this.pending = Buffer.concat([this.pending, chunk]);
    if (!this.upgraded) {
      const end = this.pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const statusLine = this.pending.subarray(0, this.pending.indexOf('\r\n')).toString();
      if (!statusLine.includes(' 101 ')) this.refused = statusLine;
      this.upgraded = true;
      this.pending = this.pending.subarray(end + 4);
    }
    while (this.takeFrame());
  }

  private takeFrame(): boolean {
    const { pending } = this;
    if (this.refused !== null || pending.length < 2) return false;
    const opcode = (pending[0] as number) & 15;
    let length = (pending[1] as number) & 127;
    const head = length === 126 ? 4 : length === 127 ? 10 : 2;
    if (pending.length < head) return false;
    if (length === 126) length = pending.readUInt16BE(2);
    if (length === 127) length = Number(pending.readBigUInt64BE(2));
    if (pending.length < head + length) return false;
    const payload = pending.subarray(head, head + length);
    this.pending = pending.subarray(head + length);
    this.handle(opcode, payload);
    return true;
  }

  private handle(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.text) {
      this.texts.push(payload.toString());
      this.messages.push(JSON.parse(payload.toString()));
    } else if (opcode === OPCODE.ping) {
      this.pings += 1;
      this.write(OPCODE.pong, Buffer.from(payload));
    } else if (opcode === OPCODE.close) {
      this.closed = {
        code: payload.length >= 2 ? payload.readUInt16BE(0) : 1005,
        reason: payload.subarray(2).toString(),
      };
    }
  }
}
