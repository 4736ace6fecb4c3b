/**
 * Tells a browser over DTLS that nothing more will come (close_notify, RFC 5246 §7.2.1): it would otherwise wait for pictures until
 * it loses patience. werift ends without a word. Called by `WhepSession` before it closes its connection.
 */
import type { RTCDtlsTransport } from 'werift';

const ALERT = 21;
/** Level warning, description close_notify. */
const CLOSE_NOTIFY = Buffer.from([1, 0]);
const HEADER_BYTES = 13;

/** Without effect before the handshake is done. Never rejects. */
export async function sayFarewell(transport: RTCDtlsTransport): Promise<void> {
  const socket = transport.dtls;
  if (transport.state !== 'connected' || !socket) return;
  const { dtls, cipher } = socket;
  try {
    const recordLayerHeader = {
      contentType: ALERT,
      protocolVersion: dtls.version,
      epoch: dtls.epoch,
      sequenceNumber: ++dtls.recordSequenceNumber,
      contentLen: CLOSE_NOTIFY.length,
    };
    type Record = Parameters<typeof cipher.encryptPacket>[0];
    const { fragment } = cipher.encryptPacket({ recordLayerHeader, fragment: CLOSE_NOTIFY } as Record);
    await socket.transport.send(Buffer.concat([headerOf(recordLayerHeader, fragment.length), fragment]));
  } catch {
    // The way is gone already: the browser finds out by itself.
  }
}

/** RFC 6347 §4.1: type, version, epoch, sequence number, length. */
function headerOf(
  header: {
    readonly contentType: number;
    readonly protocolVersion: { readonly major: number; readonly minor: number };
    readonly epoch: number;
    readonly sequenceNumber: number;
  },
  length: number,
): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt8(header.contentType, 0);
  bytes.writeUInt8(header.protocolVersion.major, 1);
  bytes.writeUInt8(header.protocolVersion.minor, 2);
  bytes.writeUInt16BE(header.epoch, 3);
  bytes.writeUIntBE(header.sequenceNumber, 5, 6);
  bytes.writeUInt16BE(length, 11);
  return bytes;
}
