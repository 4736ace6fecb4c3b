/**
 * Ids of events: 26 Crockford characters in the form of a ULID (48 bits of time, 80 bits more), but where a ULID has
 * chance this has a hash of what happened. The same input gives the same id in every replay; different cameras, tracks,
 * kinds and times give different ones.
 */
import { Hash128 } from './hash128.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function eventId(tsUtc: number, camera: string, type: string, trackId: number): string {
  let time = Math.max(0, Math.round(tsUtc * 1000));
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = (ALPHABET[time % 32] as string) + head;
    time = Math.floor(time / 32);
  }
  const hash = new Hash128();
  hash.update(`${camera}\n${type}\n${trackId}\n${tsUtc}`);
  const words = hash.words();
  let tail = '';
  for (let i = 0; i < 16; i++) {
    const bit = i * 5;
    // Two neighbouring words as one stretch of 64 bits; only 80 of the 128 are needed.
    const low = words[bit >> 5] as number;
    const high = words[(bit >> 5) + 1] as number;
    const shift = bit & 31;
    const value = shift === 0 ? low : (low >>> shift) | (high << (32 - shift));
    tail += ALPHABET[value & 31] as string;
  }
  return head + tail;
}
