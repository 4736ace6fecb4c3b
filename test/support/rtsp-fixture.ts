/**
 * An RTSP server that misbehaves on demand: asks for Basic or Digest logins, lets nonces go stale, sends garbage, falls silent.
 * It computes digests by itself, so that client and server cannot share an error.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

export interface RtspFixtureOptions {
  readonly auth?: 'basic' | 'digest-md5' | 'digest-sha256' | 'digest-no-qop';
  readonly user?: string;
  readonly password?: string;
  /** Every nonce is good for so many requests, then 401 with stale=true. */
  readonly requestsPerNonce?: number;
  readonly sdp?: string;
  /** Seconds in the Session header. */
  readonly sessionTimeoutS?: number;
  readonly describeStatus?: string;
  /** Called after PLAY was answered; sends whatever the test wants. */
  readonly onPlay?: (socket: net.Socket, session: number) => void;
  /** Speaks a dialect: gives the whole answer to a request, or null for the fixture's own. */
  readonly answer?: (request: FixtureRequest, socket: net.Socket) => string | null;
  /** Raw takeover of the connection instead of RTSP. */
  readonly onConnection?: (socket: net.Socket) => void;
}

export interface FixtureRequest {
  readonly method: string;
  readonly url: string;
  readonly head: string;
  readonly cseq: string;
}

export interface RtspFixture extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Methods in the order they came, over all connections. */
  readonly requests: readonly string[];
  readonly connections: () => number;
}

export const H264_SDP = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=fixture',
  't=0 0',
  'm=audio 0 RTP/AVP 0',
  'a=control:track1',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==',
  'a=control:track2',
  '',
].join('\r\n');

/** A framed RTP packet on channel 0. */
export function rtpFrame(sequence: number, timestamp: number, marker: boolean, payload: Buffer): Buffer {
  const frame = Buffer.alloc(16 + payload.length);
  frame.writeUInt8(0x24, 0);
  frame.writeUInt16BE(12 + payload.length, 2);
  frame.writeUInt8(0x80, 4);
  frame.writeUInt8((marker ? 0x80 : 0) | 96, 5);
  frame.writeUInt16BE(sequence & 0xffff, 6);
  frame.writeUInt32BE(timestamp >>> 0, 8);
  frame.writeUInt32BE(0x1234, 12);
  payload.copy(frame, 16);
  return frame;
}

/** Sends a one-packet key picture every 20 ms until the socket closes. */
export function streamPictures(socket: net.Socket, firstTimestamp = 1_000): void {
  let n = 0;
  const timer = setInterval(() => {
    socket.write(rtpFrame(n, firstTimestamp + n * 1_800, true, Buffer.from([0x65, 0x88, n & 0xff])));
    n += 1;
  }, 20);
  socket.once('close', () => clearInterval(timer));
}

export async function openRtspFixture(options: RtspFixtureOptions = {}): Promise<RtspFixture> {
  const { user = 'viewer', password = 'p@ss/word', sessionTimeoutS = 60 } = options;
  const requests: string[] = [];
  const sockets = new Set<net.Socket>();
  let connections = 0;
  let nonceNumber = 0;

  const server = net.createServer((socket) => {
    connections += 1;
    const session = connections;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (options.onConnection) {
      options.onConnection(socket);
      return;
    }
    let text = '';
    let nonce = '';
    let usesLeft = 0;
    const challenge = (stale: boolean): string => {
      if (options.auth === 'basic') return 'WWW-Authenticate: Basic realm="cam"\r\n';
      nonceNumber += 1;
      nonce = `nonce${nonceNumber}`;
      usesLeft = options.requestsPerNonce ?? Number.POSITIVE_INFINITY;
      const qop = options.auth === 'digest-no-qop' ? '' : ', qop="auth"';
      const algorithm = options.auth === 'digest-sha256' ? ', algorithm=SHA-256' : '';
      const isStale = stale ? ', stale=true' : '';
      return `WWW-Authenticate: Digest realm="cam", nonce="${nonce}", opaque="xyz"${qop}${algorithm}${isStale}\r\n`;
    };
    /** null: let in; else the challenge to send. */
    const refuse = (method: string, head: string): string | null => {
      if (!options.auth) return null;
      const given = /^authorization: *(.*)$/im.exec(head)?.[1] ?? '';
      if (options.auth === 'basic') {
        const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
        return given.trim() === wanted ? null : challenge(false);
      }
      const field = (name: string) => new RegExp(`${name}="?([^",]*)"?`).exec(given)?.[1] ?? '';
      const hash = (value: string) =>
        createHash(options.auth === 'digest-sha256' ? 'sha256' : 'md5')
          .update(value)
          .digest('hex');
      const a1 = hash(`${user}:cam:${password}`);
      const a2 = hash(`${method}:${field('uri')}`);
      const middle = options.auth === 'digest-no-qop' ? nonce : `${nonce}:${field('nc')}:${field('cnonce')}:auth`;
      const isRight =
        nonce !== '' && field('[, ]nonce') === nonce && field('response') === hash(`${a1}:${middle}:${a2}`);
      if (!isRight) return challenge(false);
      usesLeft -= 1;
      return usesLeft < 0 ? challenge(true) : null;
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (;;) {
        const end = text.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const [method = '', url = ''] = head.split(' ');
        requests.push(method);
        const cseq = /^cseq: *(\d+)/im.exec(head)?.[1] ?? '0';
        const reply = (status: string, headers = '', body = ''): void => {
          const length = body ? `Content-Length: ${body.length}\r\n` : '';
          socket.write(`RTSP/1.0 ${status}\r\nCSeq: ${cseq}\r\n${headers}${length}\r\n${body}`);
        };
        const own = options.answer?.({ method, url, head, cseq }, socket) ?? null;
        if (own !== null) {
          socket.write(own);
          continue;
        }
        const challengeNow = method === 'OPTIONS' ? null : refuse(method, head);
        if (challengeNow) {
          reply('401 Unauthorized', challengeNow);
        } else if (method === 'OPTIONS') {
          reply('200 OK', 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n');
        } else if (method === 'DESCRIBE') {
          const status = options.describeStatus ?? '200 OK';
          reply(status, `Content-Base: ${url}/\r\n`, status === '200 OK' ? (options.sdp ?? H264_SDP) : '');
        } else if (method === 'SETUP') {
          reply(
            '200 OK',
            `Session: s${session};timeout=${sessionTimeoutS}\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n`,
          );
        } else if (method === 'PLAY') {
          reply('200 OK', `Session: s${session}\r\n`);
          if (options.onPlay) options.onPlay(socket, session);
          else streamPictures(socket);
        } else {
          reply('200 OK', `Session: s${session}\r\n`);
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    url: `rtsp://127.0.0.1:${port}/stream`,
    requests,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
