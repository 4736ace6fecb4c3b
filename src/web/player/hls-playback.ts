/** Plays the camera over HLS: hls.js where Media Source Extensions exist, the browser's own player elsewhere (iPhones). */
import type { Fragment } from 'hls.js';
import { kindOfStatus, type StreamFailure } from './stream-failure.ts';

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
  onBroken: (failure: StreamFailure) => void,
): Promise<HlsPlayback> {
  const { default: Hls } = await import('hls.js/light');
  signal.throwIfAborted();
  if (Hls.isSupported()) {
    const hls = new Hls({ lowLatencyMode: true, liveSyncDurationCount: 2, backBufferLength: 10 });
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (data.fatal)
        onBroken(hlsFailure(data.type === Hls.ErrorTypes.NETWORK_ERROR, data.details, data.response?.code));
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

/**
 * @param details hls.js's name of the error, as in bufferAddCodecError, manifestIncompatibleCodecsError, manifestLoadTimeOut
 * @param status HTTP status of the answer; 0 or absent without one
 */
export function hlsFailure(isNetwork: boolean, details: string, status = 0): StreamFailure {
  const detail = `HLS: ${details}${status ? ` (status ${status})` : ''}`;
  if (!isNetwork) return { kind: details.includes('Codec') ? 'codec' : 'no-media', detail };
  if (details.endsWith('TimeOut')) return { kind: 'timeout', detail };
  if (status === 0) return { kind: 'unreachable', detail };
  return { kind: kindOfStatus(status) ?? 'refused', detail };
}

/** Of MediaError (HTML, 4.8.11.1). */
const MEDIA_ERR_DECODE = 3;
const MEDIA_ERR_SRC_NOT_SUPPORTED = 4;
const ASK_MS = 3_000;

/**
 * The browser's own player tells no status, and calls a playlist that is not there "not supported": who serves it is asked.
 * @param ask the status of the playlist; null: nobody answers
 */
export async function nativeFailure(
  error: Pick<MediaError, 'code' | 'message'> | null,
  ask: () => Promise<number | null>,
): Promise<StreamFailure> {
  const code = error?.code ?? 0;
  const detail = `HLS: ${error?.message || `media error ${code}`}`;
  if (code === MEDIA_ERR_DECODE) return { kind: 'codec', detail };
  const status = await ask();
  if (status === null) return { kind: 'unreachable', detail };
  if (status >= 400) return { kind: kindOfStatus(status) ?? 'refused', detail: `${detail} (status ${status})` };
  return { kind: code === MEDIA_ERR_SRC_NOT_SUPPORTED ? 'codec' : 'no-media', detail };
}

function askStatus(url: string): Promise<number | null> {
  return fetch(url, { signal: AbortSignal.timeout(ASK_MS) }).then(
    ({ status }) => status,
    () => null,
  );
}

export function openNative(
  video: HTMLVideoElement,
  url: string,
  onBroken: (failure: StreamFailure) => void,
): HlsPlayback {
  if (!video.canPlayType('application/vnd.apple.mpegurl'))
    throw new TypeError('This browser plays neither WebRTC nor HLS.');
  let isOpen = true;
  const onError = async () => {
    const failure = await nativeFailure(video.error, () => askStatus(url));
    if (isOpen) onBroken(failure);
  };
  video.addEventListener('error', onError);
  video.src = url;
  return {
    programUtc: (mediaS) => datedByStart(video, mediaS),
    close() {
      isOpen = false;
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
