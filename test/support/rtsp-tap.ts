/**
 * A wire tap: forwards TCP between an RTSP publisher and a hub and writes down the RTP timestamps that the publisher sent.
 * It parses the frames by itself, so that it can bear witness against the hub and the client.
 */
import { once } from 'node:events';
import net from 'node:net';

export interface RtspTap extends AsyncDisposable {
  /** host:port to publish to. */
  readonly host: string;
  /** Timestamps of RTP packets with the marker bit, in the order sent. */
  readonly timestamps: readonly number[];
  /** Sender reports of the publisher: which UTC, µs, he gives to which RTP timestamp, and when it passed here. */
  readonly reports: readonly { readonly rtp: number; readonly utcUs: number; readonly atUs: number }[];
}

/** @param target port on 127.0.0.1 */
export async function openRtspTap(target: number): Promise<RtspTap> {
  const timestamps: number[] = [];
  const reports: { rtp: number; utcUs: number; atUs: number }[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(target, '127.0.0.1');
    let bytes = Buffer.alloc(0);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
      socket.on('data', (chunk: Buffer) => other.write(chunk));
    }
    near.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        if (bytes[0] === 0x24) {
          if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt16BE(2)) return;
          const end = 4 + bytes.readUInt16BE(2);
          if (bytes[1] === 0 && bytes.readUInt8(5) & 0x80) timestamps.push(bytes.readUInt32BE(8));
          if (bytes[1] === 1 && bytes[5] === 200) {
            const unixS = bytes.readUInt32BE(12) - 2_208_988_800;
            const utcUs = (unixS + bytes.readUInt32BE(16) / 2 ** 32) * 1e6;
            reports.push({ rtp: bytes.readUInt32BE(20), utcUs, atUs: Date.now() * 1_000 });
          }
          bytes = bytes.subarray(end);
        } else {
          const head = bytes.indexOf('\r\n\r\n');
          if (head < 0) return;
          const body = Number(/content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1] ?? 0);
          if (bytes.length < head + 4 + body) return;
          bytes = bytes.subarray(head + 4 + body);
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    timestamps,
    reports,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
