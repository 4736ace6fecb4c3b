/** Paints a car's four sides: lacquer, glass, seams, lamps, grille and plates. Browser side. */
import type * as THREE from 'three';
import type { CarProfile } from '../body-shape.ts';
import type { CarDetails } from './car-details.ts';
import { paintFront, paintRear } from './car-ends.ts';
import { type CarPaintJob, GLASS, SEAM } from './car-paint-job.ts';
import { paintSide } from './car-side.ts';
import { Panel } from './panel.ts';

/** Glow on the side and the rear is that of the tail lamps, on the front that of the headlamps. */
export interface CarPaint {
  readonly side: THREE.MeshPhysicalMaterial;
  readonly top: THREE.MeshPhysicalMaterial;
  readonly front: THREE.MeshPhysicalMaterial;
  readonly rear: THREE.MeshPhysicalMaterial;
}

export function paintCar(profile: CarProfile, details: CarDetails, colour: string, plate: string): CarPaint {
  const job: CarPaintJob = { profile, details, colour, plate, highM: profile.heightM + 0.1 };
  return {
    side: paintSide(job).material({ alphaTest: 0.5 }),
    top: paintTop(job).material(),
    front: paintFront(job).material(),
    rear: paintRear(job).material(),
  };
}

function paintTop({ profile, details, colour }: CarPaintJob): Panel {
  const { lengthM: length, widthM: width } = profile;
  const panel = new Panel(length, width, colour);
  const middle = width / 2;
  /** A band across, from … to in x, with half-widths as shares. */
  const band = (from: number, to: number, share0: number, share1: number): readonly (readonly [number, number])[] => [
    [from, middle - middle * share0],
    [from, middle + middle * share0],
    [to, middle + middle * share1],
    [to, middle - middle * share1],
  ];
  const [roofEnd, scuttle] = details.windscreen;
  panel.polygon(band(roofEnd, scuttle, 0.7, 0.86), { colour: GLASS, roughness: 0.05, round: 0.06 });
  panel.polygon(band(scuttle - 0.02, scuttle + 0.09, 0.84, 0.8), { colour: '#141516', roughness: 0.6 });
  if (details.sloping) {
    const [low, high] = details.sloping;
    panel.polygon(band(low, high, 0.78, 0.66), { colour: GLASS, roughness: 0.05, round: 0.06 });
    panel.line(
      [
        [low - 0.35, middle * 0.2],
        [low - 0.08, middle * 0.18],
        [low - 0.08, middle * 1.82],
        [low - 0.35, middle * 1.8],
      ],
      SEAM,
      0.012,
    );
  }
  for (const side of [-1, 1]) {
    const at = (share: number) => middle + side * middle * share;
    panel.line(
      [
        [scuttle + 0.08, at(0.8)],
        [length - 0.25, at(0.7)],
      ],
      SEAM,
      0.014,
    );
    panel.line(
      [
        [scuttle + 0.2, at(0.45)],
        [length - 0.4, at(0.35)],
      ],
      'rgba(255,255,255,.10)',
      0.05,
    );
    panel.polygon(
      [
        [length - 0.3, at(0.9)],
        [length - 0.24, at(0.62)],
        [length - 0.08, at(0.56)],
        [length - 0.06, at(0.9)],
      ],
      {
        colour: '#8d969b',
        roughness: 0.1,
        round: 0.03,
      },
    );
  }
  panel.line(
    [
      [length - 0.25, middle * 0.3],
      [length - 0.2, middle],
      [length - 0.25, middle * 1.7],
    ],
    SEAM,
    0.014,
  );
  return panel;
}
