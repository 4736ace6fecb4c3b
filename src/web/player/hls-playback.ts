/** Plays the camera over HLS: hls.js where Media Source Extensions exist, the browser's own player elsewhere (iPhones). */
import type { Fragment } from 'hls.js';

export interface HlsPlayback {
  /**
   * When the picture at a moment of the media was captured, by the stream's programme date time (RFC 8216, 4.4.4.6),
   * UTC s; null where the stream does not say. The date of a segment is that of its first frame.
   */
  programUtc(mediaS: number): number | null;
  close(): void;
}

/** @throws when `signal` was aborted while the player was being loaded: then nothing was opened. */
export async function openHls(
  video: HTMLVideoElement,
  url: string,
  signal: AbortSignal,
  onBroken: (detail: string) => void,
): Promise<HlsPlayback> {
  const { default: Hls } = await import('hls.js/light');
  signal.throwIfAborted();
  if (Hls.isSupported()) {
    const hls = new Hls({ lowLatencyMode: true, liveSyncDurationCount: 2, backBufferLength: 10 });
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (data.fatal) onBroken(hlsErrorInWords(data.type === Hls.ErrorTypes.NETWORK_ERROR, data.details));
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    return {
      programUtc: (mediaS) => datedBySegment(hls.latestLevelDetails?.fragments ?? [], mediaS),
      close: () => hls.destroy(),
    };
  }
  return openNative(video, url, onBroken);
}

/** @param details hls.js's name of the error, as in bufferAddCodecError, manifestIncompatibleCodecsError */
export function hlsErrorInWords(isNetwork: boolean, details: string): string {
  if (isNetwork) return 'The stream cannot be loaded over HLS.';
  if (details.includes('Codec')) return 'This browser cannot decode the picture.';
  return `The stream cannot be played over HLS (${details}).`;
}

function openNative(video: HTMLVideoElement, url: string, onBroken: (detail: string) => void): HlsPlayback {
  if (!video.canPlayType('application/vnd.apple.mpegurl'))
    throw new TypeError('This browser plays neither WebRTC nor HLS.');
  const onError = () => onBroken(video.error?.message || hlsErrorInWords(true, ''));
  video.addEventListener('error', onError);
  video.src = url;
  return {
    programUtc: (mediaS) => datedByStart(video, mediaS),
    close() {
      video.removeEventListener('error', onError);
      video.removeAttribute('src');
      video.load();
    },
  };
}

export function datedBySegment(
  segments: readonly Pick<Fragment, 'start' | 'duration' | 'programDateTime'>[],
  mediaS: number,
): number | null {
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i];
    // A frame at the very end of a segment belongs to it although rounding may put it a hair behind.
    if (!segment || segment.start > mediaS + 0.001) continue;
    if (segment.programDateTime === null || mediaS - segment.start > segment.duration + 1) return null;
    return segment.programDateTime / 1_000 + (mediaS - segment.start);
  }
  return null;
}

/** Safari: the date at media time 0 (HTML, `getStartDate`). */
function datedByStart(video: HTMLVideoElement & { getStartDate?: () => Date }, mediaS: number): number | null {
  const startMs = video.getStartDate?.().getTime() ?? Number.NaN;
  return Number.isNaN(startMs) ? null : startMs / 1_000 + mediaS;
}
