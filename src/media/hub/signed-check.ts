/** Connectivity checks (STUN, RFC 8445 §7.3) as the hub reads them before werift does, which verifies no signature. Pure. */
import { type Message, parseMessage } from 'werift';

/** Of one session: from where its checks come, over its whole life. A browser tries a handful of ways. */
export const MAX_ADDRESSES = 32;

/** What a datagram is by its first byte (RFC 7983), and for STUN by its class. */
export type DatagramKind = 'check' | 'answer' | 'dtls' | 'media' | 'other';

export function kindOf(data: Buffer): DatagramKind {
  const first = data[0] ?? 255;
  if (first >= 20 && first < 64) return 'dtls';
  if (first >= 128 && first < 192) return 'media';
  if (first > 3 || data.length < 20) return 'other';
  const stunClass = data.readUInt16BE(0) & 0x0110;
  if (stunClass === 0x0000) return 'check';
  return stunClass === 0x0010 ? 'other' : 'answer';
}

/** The local part of the user name; '' when there is none. */
export function sessionOfCheck(data: Buffer): string {
  const name: unknown = tryParse(data)?.getAttributeValue('USERNAME');
  return typeof name === 'string' ? (name.split(':')[0] ?? '') : '';
}

export function isSigned(data: Buffer, password: string): boolean {
  return tryParse(data, Buffer.from(password, 'utf8'))?.attributesKeys.includes('MESSAGE-INTEGRITY') ?? false;
}

/** Undefined for what is no STUN message, or is not signed with the password. */
function tryParse(data: Buffer, password?: Buffer): Message | undefined {
  try {
    return parseMessage(data, password);
  } catch {
    return undefined;
  }
}
