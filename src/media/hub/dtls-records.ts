/**
 * Keeps forged DTLS records from werift, which takes an alert in the clear, a record of an unknown type or a hello in mid-session at its
 * word and ends or resets the session. RFC 6347 §4.1.2.7: what is not valid is dropped in silence. Pure. Used by `guardIce`.
 */

const HEADER_BYTES = 13;
const TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export interface DtlsRecord {
  readonly type: number;
  /** 0: in the clear. */
  readonly epoch: number;
  /** 48 bits. */
  readonly sequence: number;
  readonly version: { readonly major: number; readonly minor: number };
  readonly fragment: Buffer;
}

export interface DtlsState {
  /** The handshake is done. */
  readonly isConnected: boolean;
  /** Whether the record was encrypted with the keys of the session. */
  isAuthentic(record: DtlsRecord): boolean;
}

/** @returns the records of the datagram that may be believed, one behind the other; empty: none */
export function believableRecords(datagram: Buffer, state: DtlsState): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= datagram.length; ) {
    const end = at + HEADER_BYTES + datagram.readUInt16BE(at + 11);
    if (end > datagram.length) break;
    const bytes = datagram.subarray(at, end);
    if (isBelievable(parse(bytes), state)) kept.push(bytes);
    at = end;
  }
  return kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept);
}

function isBelievable(record: DtlsRecord, state: DtlsState): boolean {
  switch (record.type) {
    case TYPE.changeCipherSpec:
      return true;
    case TYPE.handshake:
      // Encrypted ones are verified by whoever decrypts them.
      return record.epoch > 0 || !state.isConnected;
    case TYPE.applicationData:
      return record.epoch > 0;
    case TYPE.alert:
      return record.epoch > 0 && state.isAuthentic(record);
    default:
      return false;
  }
}

function parse(bytes: Buffer): DtlsRecord {
  return {
    type: bytes.readUInt8(0),
    version: { major: bytes.readUInt8(1), minor: bytes.readUInt8(2) },
    epoch: bytes.readUInt16BE(3),
    sequence: bytes.readUIntBE(5, 6),
    fragment: bytes.subarray(HEADER_BYTES),
  };
}
