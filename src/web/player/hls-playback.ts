/** Plays the camera over HLS: hls.js where Media Source Extensions exist, the browser's own player elsewhere (iPhones). */
export interface HlsPlayback {
  close(): void;
}

export async function openHls(
  video: HTMLVideoElement,
  url: string,
  onBroken: (detail: string) => void,
): Promise<HlsPlayback> {
  const { default: Hls } = await import('hls.js/light');
  if (Hls.isSupported()) {
    const hls = new Hls({ lowLatencyMode: true, liveSyncDurationCount: 2, backBufferLength: 10 });
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (data.fatal) onBroken(data.type === Hls.ErrorTypes.NETWORK_ERROR ? 'HLS cannot be loaded.' : data.details);
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    return { close: () => hls.destroy() };
  }
  if (!video.canPlayType('application/vnd.apple.mpegurl'))
    throw new TypeError('this browser plays neither MSE nor HLS');
  const onError = () => onBroken(video.error?.message || 'HLS cannot be loaded.');
  video.addEventListener('error', onError);
  video.src = url;
  return {
    close() {
      video.removeEventListener('error', onError);
      video.removeAttribute('src');
      video.load();
    },
  };
}
