/**
 * The part of SDP (RFC 8866) that an RTSP video stream needs: the first video track that can be read, its codec, payload type, control URL and
 * parameter sets. Pure and total: any text gives an answer. Client and hub use it.
 */
import type { VideoCodec } from '../access-unit.ts';

export interface VideoTrack {
  /** null: a codec that we do not read; `encoding` names it. */
  readonly codec: VideoCodec | null;
  /** As in rtpmap, upper case: H264, H265, JPEG … */
  readonly encoding: string;
  readonly payloadType: number;
  readonly clockRate: number;
  /** `a=control` of the track; '' when absent. */
  readonly control: string;
  /** Everything after `a=fmtp:<payload type> `; '' when absent. */
  readonly fmtp: string;
  /** Parameter sets from the description, without start codes, in decoding order (VPS, SPS, PPS). */
  readonly parameterSets: readonly Buffer[];
}

export interface SessionDescription {
  readonly video: VideoTrack | null;
  /** `a=control` of every track in order, so that a server can tell which one a SETUP means. */
  readonly controls: readonly string[];
  /** `a=control` of the session as a whole; '' when absent. */
  readonly control: string;
}

const MAX_PARAMETER_SET_BYTES = 4096;
const STATIC_ENCODINGS: Readonly<Record<number, string>> = {
  26: 'JPEG',
  31: 'H261',
  32: 'MPV',
  33: 'MP2T',
  34: 'H263',
};

export function parseSdp(text: string): SessionDescription {
  const session: string[] = [];
  const sections: string[][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('m=')) sections.push([line]);
    else (sections.at(-1) ?? session).push(line);
  }
  const controls = sections.map((lines) => attribute(lines, 'control') ?? '');
  const videos = sections
    .filter((lines) => lines[0]?.startsWith('m=video '))
    .map(parseVideo)
    .filter((track) => track !== null);
  const video = videos.find((track) => track.codec !== null) ?? videos[0] ?? null;
  return { video, controls, control: attribute(session, 'control') ?? '' };
}

function parseVideo(lines: readonly string[]): VideoTrack | null {
  const media = /^m=video \S+ \S+ (\d{1,3})\b/.exec(lines[0] ?? '');
  if (!media) return null;
  const payloadType = Number(media[1]);
  if (payloadType > 127) return null;
  const rtpmap = new RegExp(`^${payloadType}\\s+([\\w.-]+)/(\\d{1,9})`).exec(
    attribute(lines, 'rtpmap', payloadType) ?? '',
  );
  const encoding = (rtpmap?.[1] ?? STATIC_ENCODINGS[payloadType] ?? 'unknown').toUpperCase();
  // Goes on to readers: nothing in it may end the line there.
  const fmtp = (attribute(lines, 'fmtp', payloadType) ?? '').replace(/^\d+\s*/, '').replace(/\p{Cc}/gu, '');
  const codec = encoding === 'H264' ? 'h264' : encoding === 'H265' || encoding === 'HEVC' ? 'h265' : null;
  return {
    codec,
    encoding,
    payloadType,
    clockRate: Number(rtpmap?.[2] ?? 90_000),
    control: attribute(lines, 'control') ?? '',
    fmtp,
    parameterSets: parameterSets(codec, fmtp),
  };
}

/** Value of `a=<name>:`; with a payload type, of the line that belongs to it. */
function attribute(lines: readonly string[], name: string, payloadType?: number): string | undefined {
  const start = `a=${name}:${payloadType === undefined ? '' : `${payloadType} `}`;
  const line = lines.find((candidate) => candidate.startsWith(start));
  return line?.slice(`a=${name}:`.length).trim();
}

function parameterSets(codec: VideoCodec | null, fmtp: string): Buffer[] {
  const names = codec === 'h264' ? ['sprop-parameter-sets'] : ['sprop-vps', 'sprop-sps', 'sprop-pps'];
  if (codec === null) return [];
  const values = new Map<string, string>();
  for (const part of fmtp.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) values.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  return names
    .flatMap((name) => (values.get(name) ?? '').split(','))
    .map((base64) => Buffer.from(base64, 'base64'))
    .filter((set) => set.length > 1 && set.length <= MAX_PARAMETER_SET_BYTES);
}

/** A description with this one video track, as the hub gives it to readers. */
export function formatSdp(track: VideoTrack, control: string): string {
  return [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=Stream',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    `m=video 0 RTP/AVP ${track.payloadType}`,
    `a=rtpmap:${track.payloadType} ${track.encoding}/${track.clockRate}`,
    ...(track.fmtp ? [`a=fmtp:${track.payloadType} ${track.fmtp}`] : []),
    `a=control:${control}`,
    '',
  ].join('\r\n');
}
