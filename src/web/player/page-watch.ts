/**
 * Whether anybody looks at the page, and whether it changed networks. A page that is hidden for a minute gives its
 * stream back (a forgotten tab would hold a viewer's place for days); picture-in-picture counts as looking. Owned by
 * player.ts.
 */
const AWAY_AFTER_MS = 60_000;

export interface PageWatchOptions {
  readonly onAway: () => void;
  readonly onBack: () => void;
  /** Online again, or on another network: what is open may be dead without knowing it. */
  readonly onNetwork: () => void;
}

export class PageWatch {
  isAway = false;
  private readonly options: PageWatchOptions;
  private readonly listening = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PageWatchOptions) {
    this.options = options;
    const { signal } = this.listening;
    document.addEventListener('visibilitychange', () => this.look(), { signal });
    addEventListener('online', () => options.onNetwork(), { signal });
    this.look();
  }

  close(): void {
    this.listening.abort();
    clearTimeout(this.timer);
  }

  private look(): void {
    clearTimeout(this.timer);
    if (document.visibilityState === 'hidden') {
      this.timer = setTimeout(() => this.leave(), AWAY_AFTER_MS);
    } else if (this.isAway) {
      this.isAway = false;
      this.options.onBack();
    }
  }

  private leave(): void {
    if (isInPicture()) {
      this.timer = setTimeout(() => this.leave(), AWAY_AFTER_MS);
      return;
    }
    this.isAway = true;
    this.options.onAway();
  }
}

/** Frames of the stage reach a screen: on the page, or in the stage's own window above other pages. */
export function isPainted(): boolean {
  return document.visibilityState === 'visible' || hasOwnWindow();
}

function isInPicture(): boolean {
  return document.pictureInPictureElement != null || hasOwnWindow();
}

function hasOwnWindow(): boolean {
  const { documentPictureInPicture } = window as Window & { documentPictureInPicture?: { window: Window | null } };
  return documentPictureInPicture?.window != null;
}
