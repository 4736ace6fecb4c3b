/** Who is asking, for limits and the audit trail. */

const LOOPBACK = /^(::1|127\.\d+\.\d+\.\d+)$/;

/** Whether the peer is this very host. @param raw text of its address, as uWebSockets.js gives it */
export function isThisHost(raw: ArrayBuffer): boolean {
  return LOOPBACK.test(normalized(Buffer.from(raw).toString()));
}

/**
 * @param raw text of the peer's address, as uWebSockets.js gives it
 * @param forwardedFor believed only when the peer is this host: a reverse proxy beside us; its last entry is the one
 *   that proxy wrote itself
 */
export function remoteAddress(raw: ArrayBuffer, forwardedFor: string | null): string {
  const peer = normalized(Buffer.from(raw).toString());
  const last = forwardedFor?.split(',').at(-1)?.trim();
  return last && LOOPBACK.test(peer) ? normalized(last) : peer;
}

/** IPv4 inside IPv6 is one address, not two. */
function normalized(text: string): string {
  return text
    .slice(0, 64)
    .replace(/^(?:0{1,4}:){5}ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i, (_, high: string, low: string) => {
      const bytes = [high, low].flatMap((half) => {
        const n = Number.parseInt(half, 16);
        return [n >> 8, n & 255];
      });
      return bytes.join('.');
    })
    .replace(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i, '$1')
    .replace(/^(?:0{1,4}:){7}0{0,3}1$/, '::1');
}
