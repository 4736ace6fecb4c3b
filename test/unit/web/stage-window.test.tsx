import { render } from '@solidjs/testing-library';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createShortcuts } from '../../../src/web/parts/keys.ts';
import { closeOwnWindow, popOut } from '../../../src/web/parts/pop-out.ts';
import { HeldPicture } from '../../../src/web/player/held-picture.ts';
import { isPainted } from '../../../src/web/player/page-watch.ts';

/** A window of its own as Chromium gives it, on a document of its own. */
class OwnWindow extends EventTarget {
  readonly document = document.implementation.createHTMLDocument();
  readonly close = vi.fn(() => {
    pip.window = null;
    this.dispatchEvent(new Event('pagehide'));
  });
}
const pip = {
  window: null as OwnWindow | null,
  asked: 0,
  requestWindow: async () => {
    pip.asked++;
    await Promise.resolve();
    pip.window = new OwnWindow();
    return pip.window;
  },
};

describe('the window of the stage', () => {
  let stage: HTMLElement;
  beforeEach(() => {
    Object.assign(pip, { window: null, asked: 0 });
    Object.assign(window, { documentPictureInPicture: pip });
    document.documentElement.setAttribute('data-theme', 'dark');
    stage = document.createElement('div');
    document.body.append(stage);
  });
  afterEach(() => {
    Reflect.deleteProperty(window, 'documentPictureInPicture');
    document.body.replaceChildren();
  });

  it('takes the stage there with the theme of the page, and back when it is closed', async () => {
    await popOut(stage);
    expect(pip.window?.document.body.contains(stage)).toBe(true);
    expect(pip.window?.document.documentElement.getAttribute('data-theme')).toBe('dark');
    await popOut(stage);
    expect(document.body.contains(stage)).toBe(true);
  });

  it('is opened once although the key is hit twice before it is there', async () => {
    await Promise.all([popOut(stage), popOut(stage)]);
    expect(pip.asked).toBe(1);
    pip.window?.close();
    expect(document.body.contains(stage)).toBe(true);
    expect(document.body.textContent).toBe('');
  });

  it('hands its keys to the shortcuts of the page', async () => {
    const boxes = vi.fn();
    const { unmount } = render(() => {
      createShortcuts({ b: boxes });
      return null;
    });
    await popOut(stage);
    const key = new KeyboardEvent('keydown', { key: 'b', bubbles: true, cancelable: true });
    pip.window?.document.dispatchEvent(key);
    expect(boxes).toHaveBeenCalledTimes(1);
    unmount();
  });

  it('serves the buttons on the stage', async () => {
    const retry = vi.fn();
    const { container } = render(() => (
      <div>
        <button type="button" onClick={retry}>
          Try again
        </button>
      </div>
    ));
    const parent = container.firstElementChild as HTMLElement;
    await popOut(parent);
    parent.querySelector('button')?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    expect(retry).toHaveBeenCalledTimes(1);
  });

  it('is closed with the page it belongs to, and no other', async () => {
    await popOut(stage);
    closeOwnWindow(document.createElement('div'));
    expect(pip.window).not.toBeNull();
    const own = pip.window;
    closeOwnWindow(stage);
    expect(own?.close).toHaveBeenCalledTimes(1);
  });

  it('counts as a picture that can be seen while the page itself is hidden', async () => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    expect(isPainted()).toBe(false);
    await popOut(stage);
    expect(isPainted()).toBe(true);
    Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
  });
});

describe('createShortcuts', () => {
  it('acts once on a key that is held down', () => {
    const act = vi.fn();
    const { unmount } = render(() => {
      createShortcuts({ p: act });
      return null;
    });
    for (const repeat of [false, true, true])
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'p', repeat }));
    expect(act).toHaveBeenCalledTimes(1);
    unmount();
  });
});

describe('HeldPicture', () => {
  it('still has its picture after a session that showed none', () => {
    const video = document.createElement('video');
    const shows = (videoWidth: number) =>
      Object.defineProperties(video, {
        videoWidth: { value: videoWidth, configurable: true },
        videoHeight: { value: (videoWidth * 9) / 16, configurable: true },
        readyState: { value: 4, configurable: true },
      });
    const canvas = document.createElement('canvas');
    const held = new HeldPicture(video, canvas, 'front');
    shows(0);
    expect([held.hold(), held.hasPicture]).toEqual([false, false]);
    shows(1_920);
    expect([held.hold(), held.hasPicture, canvas.width]).toEqual([true, true, 1_280]);
    shows(0);
    expect([held.hold(), held.hasPicture, canvas.width]).toEqual([false, true, 1_280]);
  });
});
