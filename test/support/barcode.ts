/**
 * The demo with its frame number burned into the top left corner, so that a test can read from the picture itself which
 * frame is on screen, and a reader for the page.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { projectRoot } from './shared.ts';

/** Of the demo: the clip lasts a minute and keeps time with the wall clock (adr/0012). */
const FPS = 30;
const FRAMES = 60 * FPS;
const BITS = 11;
const CELL = 32;

export interface BarcodeClip extends AsyncDisposable {
  readonly path: string;
}

/** One white or black cell a bit, the lowest first; one more of the other colour shows that the code is complete. */
export async function makeBarcodeClip(): Promise<BarcodeClip> {
  const dir = await mkdtemp(join(tmpdir(), 'stopsign-barcode-'));
  const path = join(dir, 'barcode.mp4');
  const box = (bit: number, colour: string, enable = '') =>
    `drawbox=x=${bit * CELL}:y=0:w=${CELL}:h=${CELL}:color=${colour}:t=fill${enable}`;
  const bits = Array.from({ length: BITS }, (_, bit) =>
    box(bit, 'white', `:enable='gte(mod(n\\,${2 ** (bit + 1)})\\,${2 ** bit})'`),
  );
  const black = `drawbox=x=0:y=0:w=${BITS * CELL}:h=${CELL}:color=black:t=fill`;
  const demo = join(projectRoot(), 'demo/demo');
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-i', `${demo}.mp4`, '-vf', [black, ...bits, box(BITS, 'white')].join(',')],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '26', '-pix_fmt', 'yuv420p', '-an'],
    ...['-x264-params', `keyint=${FPS}:min-keyint=${FPS}:scenecut=0:repeat-headers=1:bframes=0`, path],
  ]);
  await copyFile(`${demo}.truth.ndjson`, join(dir, 'barcode.truth.ndjson'));
  return { path, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

export interface PaintedFrame {
  /** From the picture. */
  readonly code: number;
  /** What the overlay says that it drew on this very frame. */
  readonly kind: string;
  readonly tier: number;
  /** The moment of the boxes, UTC s. */
  readonly drawnUtc: number | null;
  /** The browser may have moved on before the picture was read: it was read late, or further frames came in between. */
  readonly mayBeNewer: boolean;
}

/** Reads every displayed frame for a while; those whose code is not readable are left out. */
export function readPainted(page: Page, durationMs: number): Promise<PaintedFrame[]> {
  return page.evaluate(
    async ({ durationMs, bits, cell, frameMs }) => {
      const video = document.querySelector('video') as HTMLVideoElement;
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [(bits + 1) * 8, 8];
      const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
      const read = (): number | null => {
        const scale = video.videoWidth / 1_280;
        context.drawImage(video, 0, 0, (bits + 1) * cell * scale, cell * scale, 0, 0, canvas.width, canvas.height);
        const { data } = context.getImageData(0, 4, canvas.width, 1);
        const lights = Array.from({ length: bits + 1 }, (_, bit) => data[(bit * 8 + 4) * 4] ?? 0);
        if (lights.some((light) => light > 80 && light < 175) || (lights[bits] ?? 0) < 175) return null;
        return lights.slice(0, bits).reduce((code, light, bit) => code + (light > 127 ? 2 ** bit : 0), 0);
      };
      type Seen = { code: number; kind: string; tier: number; drawnUtc: number | null; mayBeNewer: boolean };
      const seen: Seen[] = [];
      let before: { frame: Seen; presented: number } | undefined;
      const endMs = performance.now() + durationMs;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, durationMs + 1_000);
        const look = () => {
          if (performance.now() > endMs) {
            clearTimeout(timer);
            resolve();
            return;
          }
          // Callbacks run in the order they were asked for; the overlay has asked before and asks anew before this one.
          video.requestVideoFrameCallback((_now, { rtpTimestamp, presentationTime, presentedFrames }) => {
            const code = read();
            const mayBeNewer = performance.now() - presentationTime >= frameMs;
            if (before && presentedFrames > before.presented + 1) before.frame.mayBeNewer = true;
            before = undefined;
            const overlay = window.__stopsign?.overlay;
            if (overlay && code !== null && (rtpTimestamp ?? null) === overlay.lastRtp) {
              const { kind, tier, drawnUtc } = overlay;
              const frame = { code, kind, tier, drawnUtc, mayBeNewer };
              before = { frame, presented: presentedFrames };
              seen.push(frame);
            }
            look();
          });
        };
        look();
      });
      return seen;
    },
    { durationMs, bits: BITS, cell: CELL, frameMs: 1_000 / FPS },
  );
}

/** Frames between what is drawn and what is shown: 0 on the very frame, negative when the boxes are of an earlier one. */
export function frameError({ code, drawnUtc }: PaintedFrame): number | null {
  if (drawnUtc === null) return null;
  const drawn = Math.round((drawnUtc % (FRAMES / FPS)) * FPS) % FRAMES;
  return ((drawn - code + FRAMES * 1.5) % FRAMES) - FRAMES / 2;
}
