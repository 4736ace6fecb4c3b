/** Cameras that scenarios name: house windows, poles and posts around the intersection. Pure data. */

import type { SimCamera } from './scenario.ts';
import type { CAMERA_NAMES } from './scenario-schema.ts';

export const CAMERAS: Readonly<Record<(typeof CAMERA_NAMES)[number], SimCamera>> = {
  /** Three-quarter front view of the approach. */
  corner: { position: [9, 5.6, 17], lookAt: [-5, 0.4, 0.6], fovDeg: 42 },
  /** Straight across the street. */
  side: { position: [-3, 5.4, 19], lookAt: [-3, 0.6, 0], fovDeg: 45 },
  /** Three-quarter rear view. */
  behind: { position: [-19, 5.6, 14], lookAt: [-3, 0.4, 0.5], fovDeg: 42 },
  /** Nearly head-on. */
  along: { position: [16, 5.8, 6.5], lookAt: [-6, 0, 1], fovDeg: 40 },
  /** From the other pavement: oncoming traffic passes in front of the judged lane. */
  opposite: { position: [-6.5, 4.6, -14.5], lookAt: [-4, 0.5, 1.5], fovDeg: 46 },
  /** A post beyond the cross street, at the height of a van's roof: crossing traffic hides the line. */
  low: { position: [19, 2.4, 5], lookAt: [-4, 0.6, 1.4], fovDeg: 34 },
  /** Under the eaves, steep. */
  high: { position: [3, 9.5, 13], lookAt: [-5, 0, 1], fovDeg: 50 },
};
