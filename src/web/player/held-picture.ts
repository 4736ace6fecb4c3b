/**
 * The last picture of a camera, on a canvas below the video: a reconnect shows it instead of black, and the next visit
 * begins with it (kept by the browser, never sent anywhere). Owned by parts/stage.tsx.
 */
const KEPT_WIDTH = 640;
const QUALITY = 0.6;

export class HeldPicture {
  private readonly video: HTMLVideoElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly key: string;
  private isDrawn = false;

  constructor(video: HTMLVideoElement, canvas: HTMLCanvasElement, camera: string) {
    this.video = video;
    this.canvas = canvas;
    this.key = `stopsign.poster.${camera}`;
  }

  /** Something can be seen on the canvas: what was held last, or what an earlier visit kept. */
  get hasPicture(): boolean {
    return this.isDrawn;
  }

  /** Takes what the video shows now; false while it shows nothing: then the canvas keeps what it has. */
  hold(): boolean {
    const { video, canvas } = this;
    const { videoWidth, videoHeight } = video;
    if (videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return false;
    canvas.width = Math.min(videoWidth, 1_280);
    canvas.height = Math.round((canvas.width * videoHeight) / videoWidth);
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
    this.isDrawn = true;
    return true;
  }

  /** Keeps what `hold` took for the next visit. */
  keep(): void {
    const { canvas } = this;
    if (canvas.width === 0) return;
    const small = document.createElement('canvas');
    small.width = Math.min(KEPT_WIDTH, canvas.width);
    small.height = Math.round((small.width * canvas.height) / canvas.width);
    small.getContext('2d')?.drawImage(canvas, 0, 0, small.width, small.height);
    try {
      localStorage.setItem(this.key, small.toDataURL('image/jpeg', QUALITY));
    } catch {
      // no room or no storage: the next visit begins without a picture
    }
  }

  /** Draws the kept picture, if there is one and nothing newer was held meanwhile. */
  async show(): Promise<void> {
    const { canvas } = this;
    try {
      const kept = localStorage.getItem(this.key);
      if (!kept?.startsWith('data:image/jpeg')) return;
      const picture = new Image();
      picture.src = kept;
      await picture.decode();
      if (this.isDrawn) return;
      canvas.width = picture.naturalWidth;
      canvas.height = picture.naturalHeight;
      canvas.getContext('2d')?.drawImage(picture, 0, 0);
      this.isDrawn = true;
    } catch {
      // no storage, or not a picture: the visit begins without one
    }
  }
}
