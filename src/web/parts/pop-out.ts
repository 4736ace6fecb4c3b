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

async function moveOut(stage: HTMLElement): Promise<void> {
  const { clientWidth, clientHeight } = stage;
  const width = Math.min(640, clientWidth);
  const out = await windows()?.requestWindow({ width, height: Math.round((width * clientHeight) / clientWidth) });
  if (!out) return;
  for (const sheet of document.styleSheets) {
    const style = out.document.createElement('style');
    style.textContent = [...sheet.cssRules].map((rule) => rule.cssText).join('\n');
    out.document.head.append(style);
  }
  out.document.title = document.title;
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
