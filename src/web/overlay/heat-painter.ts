/** Draws where vehicles stood, from clear over violet to yellow (readable for colour-blind people). Called by overlay.ts. */
import type { Fit } from './geometry.ts';
import { HEAT_COLUMNS, HEAT_ROWS, type StandingHeat } from './standing-heat.ts';

/** Below, a cell is left clear. */
const LEAST_SHARE = 0.04;

/** @param fit of the metadata's pixels */
export function paintHeat(context: CanvasRenderingContext2D, heat: StandingHeat, fit: Fit): void {
  const hottest = heat.hottestS;
  if (hottest <= 0) return;
  const [w, h] = [fit.width / HEAT_COLUMNS, fit.height / HEAT_ROWS];
  context.save();
  for (let cell = 0; cell < heat.seconds.length; cell++) {
    // A root, because one parked hour would leave everything else black.
    const share = Math.sqrt((heat.seconds[cell] ?? 0) / hottest);
    if (share < LEAST_SHARE) continue;
    context.fillStyle = heatInk(share);
    const [column, row] = [cell % HEAT_COLUMNS, Math.floor(cell / HEAT_COLUMNS)];
    context.fillRect(fit.left + column * w, fit.top + row * h, w, h);
  }
  context.restore();
}

/** Light grows with the share, so that it reads without colour too. */
function heatInk(share: number): string {
  return `hsl(${Math.round(275 + 140 * share)} 90% ${Math.round(35 + 30 * share)}% / ${(0.2 + 0.4 * share).toFixed(2)})`;
}
