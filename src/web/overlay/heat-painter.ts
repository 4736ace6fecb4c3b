/**
 * Draws where vehicles stood, from clear over violet to yellow (readable for colour-blind people). The grid is coloured
 * on a canvas of one pixel a cell, twice a second, because heat changes slowly; a frame only copies it. Owned by scene.ts.
 */
import type { Fit } from './geometry.ts';
import { HEAT_COLUMNS, HEAT_ROWS, type StandingHeat } from './standing-heat.ts';

/** Below, a cell is left clear. */
const LEAST_SHARE = 0.04;
const COLOUR_EVERY_MS = 500;

export class HeatPainter {
  private readonly heat: StandingHeat;
  private readonly now: () => number;
  private grid: HTMLCanvasElement | null = null;
  private dueMs = Number.NEGATIVE_INFINITY;

  constructor(heat: StandingHeat, now: () => number = () => performance.now()) {
    this.heat = heat;
    this.now = now;
  }

  /** @param fit of the metadata's pixels */
  paint(context: CanvasRenderingContext2D, fit: Fit): void {
    if (this.now() >= this.dueMs) {
      this.dueMs = this.now() + COLOUR_EVERY_MS;
      this.colour();
    }
    if (!this.grid) return;
    const isSmooth = context.imageSmoothingEnabled;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.grid, fit.left, fit.top, fit.width, fit.height);
    context.imageSmoothingEnabled = isSmooth;
  }

  private colour(): void {
    const { seconds, hottestS } = this.heat;
    if (hottestS <= 0) return;
    this.grid ??= Object.assign(document.createElement('canvas'), { width: HEAT_COLUMNS, height: HEAT_ROWS });
    const cells = this.grid.getContext('2d');
    cells?.clearRect(0, 0, HEAT_COLUMNS, HEAT_ROWS);
    seconds.forEach((warm, cell) => {
      // A root, because one parked hour would leave everything else black.
      const share = Math.sqrt(warm / hottestS);
      if (!cells || share < LEAST_SHARE) return;
      cells.fillStyle = heatInk(share);
      cells.fillRect(cell % HEAT_COLUMNS, Math.floor(cell / HEAT_COLUMNS), 1, 1);
    });
  }
}

/** Light grows with the share, so that it reads without colour too. */
function heatInk(share: number): string {
  return `hsl(${Math.round(275 + 140 * share)} 90% ${Math.round(35 + 30 * share)}% / ${(0.2 + 0.4 * share).toFixed(2)})`;
}
