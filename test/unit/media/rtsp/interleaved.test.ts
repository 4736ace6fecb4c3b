import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FramingFault, InterleavedParser, MAX_BUFFERED_BYTES } from '../../../../src/media/rtsp/interleaved.ts';

interface Seen {
  readonly frames: [channel: number, hex: string][];
  readonly heads: string[];
  fault: FramingFault | null;
}

function parse(chunks: readonly Buffer[]): Seen & { buffered: number } {
  const seen: Seen = { frames: [], heads: [], fault: null };
  const parser = new InterleavedParser({
    onFrame: (channel, payload) => seen.frames.push([channel, payload.toString('hex')]),
    onMessage: (message) => {
      const head = message.kind === 'request' ? `${message.method} ${message.url}` : String(message.status);
      seen.heads.push(`${head} ${message.body}`);
    },
  });
  let buffered = 0;
  for (const chunk of chunks) {
    seen.fault ??= parser.push(chunk);
    buffered = Math.max(buffered, parser.bufferedBytes);
  }
  return { ...seen, buffered };
}

const frame = (channel: number, payload: Buffer) => {
  const header = Buffer.from([0x24, channel, 0, 0]);
  header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
};
const cut = (bytes: Buffer, at: readonly number[]) => {
  const edges = [0, ...[...at].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
};

describe('the interleaved parser', () => {
  const stream = Buffer.concat([
    Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 3\r\ncontent-LENGTH: 5\r\n\r\nhello'),
    frame(0, Buffer.from('0102030405', 'hex')),
    frame(1, Buffer.alloc(0)),
    Buffer.from('\r\nOPTIONS rtsp://x/y RTSP/1.0\r\nCSeq: 4\r\n\r\n'),
    frame(254, Buffer.alloc(65_535, 0x24)),
  ]);

  it('finds the same frames and messages however the bytes are cut', () => {
    const whole = parse([stream]);
    expect(whole.heads).toEqual(['200 hello', 'OPTIONS rtsp://x/y ']);
    expect(whole.frames.map(([channel, hex]) => [channel, hex.length / 2])).toEqual([
      [0, 5],
      [1, 0],
      [254, 65_535],
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (at) => {
        const { frames, heads, fault } = parse(cut(stream, at));
        expect({ frames, heads, fault }).toEqual({ frames: whole.frames, heads: whole.heads, fault: null });
      }),
      { numRuns: 100 },
    );
    expect(parse([...stream.subarray(0, 200)].map((byte) => Buffer.from([byte]))).heads).toEqual(whole.heads);
  });

  it('tells HTTP and garbage from RTSP, at once and for good', () => {
    expect(parse([Buffer.from('HTTP/1.1 400 Bad Request\r\n')]).fault).toBe('http');
    expect(parse([Buffer.from('GET / HTTP/1.1\r\n')]).fault).toBe('http');
    expect(parse([Buffer.alloc(1, 0xa5)]).fault).toBe('garbage');
    expect(parse([Buffer.from('RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n')]).fault).toBe('garbage');
    const after = parse([Buffer.from([0]), frame(0, Buffer.from([1]))]);
    expect(after).toMatchObject({ fault: 'garbage', frames: [] });
  });

  it('bounds heads and bodies', () => {
    const endless = Array.from({ length: 40 }, () => Buffer.from(`X-Header: ${'y'.repeat(1000)}\r\n`));
    expect(parse([Buffer.from('RTSP/1.0 200 OK\r\n'), ...endless]).fault).toBe('too-large');
    expect(parse([Buffer.from('RTSP/1.0 200 OK\r\nContent-Length: 70000\r\n\r\n')]).fault).toBe('too-large');
    expect(parse([Buffer.alloc(5000, 0x41)]).fault).toBe('garbage');
  });

  it('hands out nothing after stop, not even from the same chunk', () => {
    const channels: number[] = [];
    const parser = new InterleavedParser({
      onFrame: (channel) => {
        channels.push(channel);
        parser.stop();
      },
      onMessage: () => {},
    });
    parser.push(Buffer.concat([frame(0, Buffer.from([1])), frame(1, Buffer.from([2]))]));
    expect(channels).toEqual([0]);
    expect(parser.bufferedBytes).toBe(0);
  });

  it('never throws and never holds more than the bound, whatever comes', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ maxLength: 100 }).map((text) => Buffer.from(text)),
      fc
        .constantFrom('RTSP/1.0 200 OK\r\n', 'Content-Length: 99\r\n', '\r\n\r\n', 'PLAY rtsp://a RTSP/1.0\r\n', '$')
        .map((t) => Buffer.from(t)),
      fc.tuple(fc.nat(255), fc.nat(65_535)).map(([channel, length]) => {
        const header = Buffer.from([0x24, channel, 0, 0]);
        header.writeUInt16BE(length, 2);
        return header;
      }),
      fc.nat(40_000).map((length) => Buffer.alloc(length, 0x41)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (chunks) => {
        expect(parse(chunks).buffered).toBeLessThanOrEqual(MAX_BUFFERED_BYTES);
      }),
      { numRuns: 500 },
    );
  });
});
