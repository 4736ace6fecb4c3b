/** What bench/overlay.mjs runs in the browser: the overlay's own matching and painting. */
export { Scene } from '../../src/web/overlay/scene.ts';
export { OverlaySync } from '../../src/web/overlay/sync.ts';
export { SyncScore } from '../../src/web/overlay/sync-score.ts';
