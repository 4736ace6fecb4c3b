/** The text of a live media playlist (RFC 8216bis). Pure. */

export interface HlsSegment {
  readonly sequence: number;
  readonly durationS: number;
  /** UTC of the first frame, µs; null when it is not known. */
  readonly startUtcUs: number | null;
  readonly data: Buffer;
}

/** @param segments at least one, oldest first */
export function formatPlaylist(segments: readonly HlsSegment[]): string {
  const target = Math.max(1, ...segments.map(({ durationS }) => Math.ceil(durationS)));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.sequence ?? 0}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-MAP:URI="init.mp4"',
    ...segments.flatMap(({ sequence, durationS, startUtcUs }) => [
      ...(startUtcUs === null ? [] : [`#EXT-X-PROGRAM-DATE-TIME:${new Date(startUtcUs / 1000).toISOString()}`]),
      `#EXTINF:${durationS.toFixed(5)},`,
      `seg${sequence}.m4s`,
    ]),
    '',
  ].join('\n');
}
