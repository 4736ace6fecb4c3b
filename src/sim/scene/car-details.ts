/** Where windows, doors and lamps of each car are, metres from the rear bumper and above the ground. Pure data. */
import type { CarKind } from '../body-shape.ts';

type Spot = readonly [x: number, y: number];

export interface CarDetails {
  /** Side windows from the rear. */
  readonly windows: readonly (readonly Spot[])[];
  /** Windscreen seen from above: from … to. */
  readonly windscreen: readonly [number, number];
  /** Rear window seen from above, for cars with a boot. */
  readonly sloping: readonly [number, number] | null;
  /** Rear window seen from behind: heights, for cars with a tailgate. */
  readonly upright: readonly [number, number] | null;
  readonly doors: readonly number[];
  readonly headlampY: number;
  readonly tailLampY: number;
  /** Roof rails and dark plastic around the wheels. */
  readonly isRugged: boolean;
}

// biome-ignore format: one car a paragraph
export const CAR_DETAILS: Readonly<Record<CarKind, CarDetails>> = {
  sedan: {
    windows: [[[1.08, 1.03], [1.46, 1.3], [1.72, 1.36], [2.02, 1.385], [2.02, 1], [1.25, 1]],
      [[2.11, 1], [2.11, 1.385], [2.5, 1.38], [2.8, 1.315], [3.3, 1.045], [3.33, 0.985]]],
    windscreen: [2.86, 3.6], sloping: [0.8, 1.55], upright: null, doors: [1.28, 2.06, 3.12],
    headlampY: 0.7, tailLampY: 0.88, isRugged: false,
  },
  suv: {
    windows: [[[0.42, 1.17], [0.52, 1.5], [0.62, 1.555], [1.02, 1.58], [1.02, 1.14]],
      [[1.11, 1.13], [1.11, 1.585], [2, 1.6], [2, 1.11]],
      [[2.09, 1.11], [2.09, 1.6], [2.4, 1.575], [2.66, 1.5], [3.15, 1.16], [3.18, 1.09]]],
    windscreen: [2.72, 3.44], sloping: null, upright: [1.18, 1.55], doors: [1.06, 2.04, 3.05],
    headlampY: 0.82, tailLampY: 1, isRugged: true,
  },
  hatch: {
    windows: [[[0.48, 1.06], [0.7, 1.33], [0.8, 1.36], [0.98, 1.38], [0.98, 1.02], [0.62, 1.02]],
      [[1.05, 1.02], [1.05, 1.385], [1.62, 1.395], [1.62, 1]],
      [[1.7, 1], [1.7, 1.395], [2, 1.375], [2.26, 1.31], [2.74, 1.04], [2.77, 0.985]]],
    windscreen: [2.36, 3.02], sloping: [0.14, 0.5], upright: null, doors: [1.02, 1.66, 2.62],
    headlampY: 0.7, tailLampY: 0.88, isRugged: false,
  },
  van: {
    windows: [[[0.3, 1.22], [0.36, 1.68], [1.25, 1.73], [1.25, 1.19]],
      [[1.35, 1.19], [1.35, 1.73], [2.42, 1.75], [2.42, 1.17]],
      [[2.52, 1.17], [2.52, 1.75], [3.05, 1.72], [3.28, 1.62], [3.82, 1.17], [3.85, 1.12]]],
    windscreen: [3.34, 4.08], sloping: null, upright: [1.22, 1.68], doors: [1.3, 2.47, 3.65],
    headlampY: 0.82, tailLampY: 1, isRugged: false,
  },
};
