/**
 * Which of a browser's candidates the hub tries: IPv4 addresses over UDP, the only ones it can reach. Names are left out: for those
 * under which browsers hide addresses (`.local`) werift would open the multicast port for each viewer, ask the whole network, and bring
 * the process down where that port is taken. Checks come from such a browser all the same, and tell where he is. Pure.
 */
import { isIPv4 } from 'node:net';

/** @param candidate with or without `a=` in front */
export function isUsable(candidate: string): boolean {
  const [, transport, host] = /^(?:a=)?candidate:\S+ \d+ (\S+) \d+ (\S+) \d+ typ /i.exec(candidate) ?? [];
  return transport?.toLowerCase() === 'udp' && isIPv4(host ?? '');
}

/** The offer without the others. Where some are left out, nothing says that these are all, so that werift waits for checks. */
export function withUsableCandidates(offer: string): string {
  const lines = offer.split('\n');
  const kept = lines.filter((line) => !line.startsWith('a=candidate:') || isUsable(line));
  if (kept.length === lines.length) return offer;
  return kept.filter((line) => line.trim() !== 'a=end-of-candidates').join('\n');
}
