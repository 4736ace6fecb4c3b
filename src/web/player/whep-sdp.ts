/**
 * The text formats of WHEP, pure: ICE servers from Link headers (RFC 8288 as draft-ietf-wish-whep uses it) and the
 * trickle fragment of RFC 8840 that carries candidates to the server. Called by whep-client.ts.
 */

/** `<stun:host:port>; rel="ice-server"; username="u"; credential="c"; credential-type="password"`, comma-separated. */
export function parseIceServers(link: string | null): RTCIceServer[] {
  if (!link) return [];
  const servers: RTCIceServer[] = [];
  for (const [, url = '', parameters = ''] of link.matchAll(/<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)/g)) {
    const named = new Map(
      [...parameters.matchAll(/;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,\s]*))/g)].map(
        ([, name = '', quoted, bare]) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare ?? ''],
      ),
    );
    if (named.get('rel') !== 'ice-server' || !/^(stun|turn)s?:/i.test(url)) continue;
    const username = named.get('username');
    const credential = named.get('credential');
    servers.push(username === undefined ? { urls: url } : { urls: url, username, credential: credential ?? '' });
  }
  return servers;
}

/** What a fragment must repeat from the offer. */
export interface OfferCredentials {
  readonly ufrag: string;
  readonly pwd: string;
  /** `m=` lines in order. */
  readonly media: readonly string[];
}

export function parseOffer(sdp: string): OfferCredentials {
  const lines = sdp.split(/\r?\n/);
  const value = (prefix: string) => lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? '';
  return {
    ufrag: value('a=ice-ufrag:'),
    pwd: value('a=ice-pwd:'),
    media: lines.filter((line) => line.startsWith('m=')),
  };
}

export interface TrickledCandidate {
  readonly candidate: string;
  readonly sdpMLineIndex: number | null;
}

/** One `application/trickle-ice-sdpfrag` body: the offer's credentials and the candidates under their media. */
export function sdpFragment(offer: OfferCredentials, candidates: readonly TrickledCandidate[]): string {
  const lines = [`a=ice-ufrag:${offer.ufrag}`, `a=ice-pwd:${offer.pwd}`];
  offer.media.forEach((media, index) => {
    const own = candidates.filter((c) => (c.sdpMLineIndex ?? 0) === index && c.candidate !== '');
    if (own.length === 0) return;
    lines.push(media, `a=mid:${index}`, ...own.map((c) => `a=${c.candidate}`));
  });
  return `${lines.join('\r\n')}\r\n`;
}
