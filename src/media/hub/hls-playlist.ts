/** The text of a live media playlist (RFC 8216bis). Pure. */

export interface HlsSegment {
  readonly sequence: number;
  /** Its Discontinuity Sequence Number (RFC 8216 §6.2.1). */
  readonly discontinuity: number;
  /** Number of its initialisation segment. */
  readonly init: number;
  readonly durationS: number;
  /** UTC of the first frame, µs; null when it is not known. */
  readonly startUtcUs: number | null;
  readonly data: Buffer;
}

/** @param number from 1 on */
export function initName(number: number): string {
  return number === 1 ? 'init.mp4' : `init-${number}.mp4`;
}

/** The number in a name; null when it is none of an initialisation segment. */
export function initNumber(name: string): number | null {
  const number = name === 'init.mp4' ? 1 : Number(/^init-(\d{1,15})\.mp4$/.exec(name)?.[1] ?? Number.NaN);
  return initName(number) === name ? number : null;
}

/**
 * A discontinuity before the first segment that is listed is in EXT-X-DISCONTINUITY-SEQUENCE alone, so that every segment keeps
 * its number while others slide out.
 * @param segments at least one, oldest first
 */
export function formatPlaylist(segments: readonly HlsSegment[]): string {
  const target = Math.max(1, ...segments.map(({ durationS }) => Math.ceil(durationS)));
  const discontinuities = segments[0]?.discontinuity ?? 0;
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.sequence ?? 0}`,
    ...(discontinuities > 0 ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuities}`] : []),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...segments.flatMap((segment, n) => [
      ...joint(segments[n - 1], segment),
      ...(segment.startUtcUs === null
        ? []
        : [`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startUtcUs / 1000).toISOString()}`]),
      `#EXTINF:${segment.durationS.toFixed(5)},`,
      `seg${segment.sequence}.m4s`,
    ]),
    '',
  ].join('\n');
}

function joint(before: HlsSegment | undefined, { discontinuity, init }: HlsSegment): string[] {
  return [
    ...(before && before.discontinuity !== discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    ...(before?.init === init ? [] : [`#EXT-X-MAP:URI="${initName(init)}"`]),
  ];
}
