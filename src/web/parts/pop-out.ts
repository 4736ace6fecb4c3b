import { delegateEvents } from 'solid-js/web';

/**
 * Picture in picture. Where the browser has windows for documents (Chromium) the whole stage moves there, boxes and all;
 * elsewhere the bare video.
 */
interface DocumentPictureInPicture {
  readonly window: Window | null;
  requestWindow(size: { readonly width: number; readonly height: number }): Promise<Window>;
}

const windows = () =>
  (window as Window & { documentPictureInPicture?: DocumentPictureInPicture }).documentPictureInPicture;

export function canPopOut(): boolean {
  return windows() !== undefined || document.pictureInPictureEnabled === true;
}

/** Opens it, or closes it when it is open. Must be called from a click or a key. */
export async function popOut(stage: HTMLElement): Promise<void> {
  const video = stage.querySelector('video');
  const open = windows()?.window;
  if (open) open.close();
  else if (document.pictureInPictureElement) await document.exitPictureInPicture();
  else if (windows()) await moveOut(stage);
  else await video?.requestPictureInPicture();
}

/** The page with this stage is left: a window of its own would go on showing a picture that stands still. */
export function closeOwnWindow(stage: HTMLElement): void {
  const open = windows()?.window;
  if (open?.document.contains(stage)) open.close();
}

let isOpening = false;

async function moveOut(stage: HTMLElement): Promise<void> {
  if (isOpening) return;
  const { clientWidth, clientHeight } = stage;
  const width = Math.min(640, clientWidth);
  const size = { width, height: Math.round((width * clientHeight) / clientWidth) };
  isOpening = true;
  const out = await windows()
    ?.requestWindow(size)
    .finally(() => {
      isOpening = false;
    });
  if (!out) return;
  // The page was left, or its camera changed, while the window opened.
  if (!stage.isConnected) return out.close();
  dress(out);
  serveKeysAndClicks(out);
  const place = document.createElement('div');
  place.className = 'stage is-elsewhere';
  place.textContent = 'The picture plays in its own window.';
  stage.replaceWith(place);
  stage.classList.add('is-popped-out');
  out.document.body.append(stage);
  out.addEventListener('pagehide', () => {
    stage.classList.remove('is-popped-out');
    place.replaceWith(stage);
  });
}

/** The page's styles, theme and language. */
function dress(out: Window): void {
  for (const sheet of document.styleSheets) {
    const style = out.document.createElement('style');
    style.textContent = [...sheet.cssRules].map((rule) => rule.cssText).join('\n');
    out.document.head.append(style);
  }
  out.document.title = document.title;
  for (const { name, value } of document.documentElement.attributes) {
    out.document.documentElement.setAttribute(name, value);
  }
}

/** Keys and clicks do not leave a window: its keys go to the page's shortcuts, its clicks to the stage's buttons. */
function serveKeysAndClicks(out: Window): void {
  delegateEvents(['click'], out.document);
  out.document.addEventListener('keydown', (event) => {
    if (!document.dispatchEvent(new KeyboardEvent(event.type, event))) event.preventDefault();
  });
}
