/**
 * Stands before the ICE of one WebRTC session (werift), which by itself answers checks that nobody signed, remembers every
 * address they come from, and takes data from anywhere. Used by `WhepSession`, with a shared UDP port and without.
 */
import type { Connection, RTCDtlsTransport, StunProtocol } from 'werift';
import { believableRecords, type DtlsRecord } from './dtls-records.ts';
import { isSigned, kindOf, MAX_ADDRESSES } from './signed-check.ts';
import type { UdpAddress } from './udp-mux.ts';

/** The parts of werift that its types hide. */
interface OpenConnection {
  ensureProtocol(protocol: StunProtocol): void;
}
interface OpenProtocol {
  datagramReceived(data: Buffer, from: UdpAddress): void;
}

/** Before candidates are gathered, once. */
export function guardIce(transport: RTCDtlsTransport): void {
  const connection = transport.iceTransport.connection as Connection;
  const addresses = new Set<string>();
  /** What of the datagram may go on; empty: nothing. */
  const admit = (data: Buffer, from: UdpAddress): Buffer => {
    const key = from.join(':');
    const isAdmitted = addresses.has(key);
    switch (kindOf(data)) {
      case 'check':
        if (!isAdmitted && addresses.size >= MAX_ADDRESSES) return NOTHING;
        if (!isSigned(data, connection.localPassword)) return NOTHING;
        addresses.add(key);
        return data;
      case 'answer':
        // Verified by whoever asked.
        return data;
      case 'dtls':
        return isAdmitted ? believableRecords(data, stateOf(transport)) : NOTHING;
      case 'media':
        return isAdmitted ? data : NOTHING;
      default:
        return NOTHING;
    }
  };
  const open = connection as unknown as OpenConnection;
  const ensureProtocol = open.ensureProtocol.bind(connection);
  open.ensureProtocol = (protocol) => {
    const guarded = protocol as unknown as OpenProtocol;
    const receive = guarded.datagramReceived.bind(protocol);
    guarded.datagramReceived = (data, from) => {
      const admitted = admit(data, from);
      if (admitted.length > 0) receive(admitted, from);
    };
    ensureProtocol(protocol);
  };
}

const NOTHING = Buffer.alloc(0);

function stateOf({ state, dtls }: RTCDtlsTransport) {
  return {
    isConnected: state === 'connected',
    isAuthentic({ type, epoch, sequence, version, fragment }: DtlsRecord): boolean {
      type Record = Parameters<NonNullable<typeof dtls>['cipher']['decryptPacket']>[0];
      const recordLayerHeader = {
        contentType: type,
        protocolVersion: version,
        epoch,
        sequenceNumber: sequence,
        contentLen: fragment.length,
      };
      try {
        return dtls !== undefined && dtls.cipher.decryptPacket({ recordLayerHeader, fragment } as Record).length > 0;
      } catch {
        return false;
      }
    },
  };
}
