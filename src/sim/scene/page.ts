/** What the render command talks to inside the browser: `window.sim`, called through the page's evaluate. */
import { type Moment, Stage, type StageSettings } from './stage.ts';

const JPEG_QUALITY = 0.95;

export interface SimPage {
  open(settings: StageSettings): void;
  /** Draws the moment and posts it as JPEG to `url`. Resolves with the share of the picture that was drawn again. */
  shoot(moment: Moment, url: string): Promise<number>;
}

let stage: Stage | null = null;

const page: SimPage = {
  open: (settings) => {
    stage = new Stage(settings);
  },
  shoot: async (moment, url) => {
    if (!stage) throw new Error('the stage is not open');
    const share = stage.draw(moment);
    const answer = await fetch(url, { method: 'POST', body: await stage.encode(JPEG_QUALITY) });
    if (!answer.ok) throw new Error(`the picture was not taken: ${answer.status}`);
    return share;
  },
};

(globalThis as unknown as { sim: SimPage }).sim = page;
