/** Paints a car's four sides: lacquer, glass, seams, lamps, grille and plates. Browser side. */
import type * as THREE from 'three';
import type { CarProfile } from '../body-shape.ts';
import type { CarDetails } from './car-details.ts';
import { Panel } from './panel.ts';

const GLASS = '#11161a';
const SEAM = 'rgba(0,0,0,.55)';
const TYRE_GAP = 0.065;

/** Glow on the side and the rear is that of the tail lamps, on the front that of the headlamps. */
export interface CarPaint {
  readonly side: THREE.MeshPhysicalMaterial;
  readonly top: THREE.MeshPhysicalMaterial;
  readonly front: THREE.MeshPhysicalMaterial;
  readonly rear: THREE.MeshPhysicalMaterial;
}

export function paintCar(profile: CarProfile, details: CarDetails, colour: string, plate: string): CarPaint {
  const job: Job = { profile, details, colour, plate, highM: profile.heightM + 0.1 };
  return {
    side: paintSide(job).material({ alphaTest: 0.5 }),
    top: paintTop(job).material(),
    front: paintFront(job).material(),
    rear: paintRear(job).material(),
  };
}

interface Job {
  readonly profile: CarProfile;
  readonly details: CarDetails;
  readonly colour: string;
  readonly plate: string;
  readonly highM: number;
}

function paintSide({ profile, details, colour, highM }: Job): Panel {
  const { lengthM: length, axlesM, wheelRadiusM } = profile;
  const panel = new Panel(length, highM, colour);
  if (details.isRugged) {
    panel.rect(0, 0, length, 0.42, { colour: '#1b1c1d', roughness: 0.7 });
    for (const x of axlesM) {
      panel.ellipse(x, wheelRadiusM, wheelRadiusM + 0.13, wheelRadiusM + 0.13, { colour: '#1b1c1d', roughness: 0.7 });
    }
  } else {
    panel.rect(0, 0, length, 0.29, { colour: '#202123', roughness: 0.7 });
  }
  const dirt = panel.gradient(0.2, 0.75, ['rgba(30,26,20,.45)', 'rgba(30,26,20,0)']);
  panel.rect(0, 0.2, length, 0.55, { colour: dirt, roughness: 0.36, metalness: 0.15 });
  const sill = paintWindows(panel, details, profile.heightM);
  for (const [i, x] of details.doors.entries()) {
    panel.line(
      [
        [x, 0.34],
        [x - 0.02, 0.7],
        [x, sill - 0.03],
      ],
      SEAM,
      0.012,
    );
    const behind = details.doors[i - 1];
    if (behind === undefined) continue;
    panel.rect(behind + 0.1, sill - 0.17, 0.19, 0.035, { colour: 'rgba(0,0,0,.35)', roughness: 0.4 });
    panel.rect(behind + 0.1, sill - 0.155, 0.18, 0.028, { colour, roughness: 0.2, metalness: 0.4 });
  }
  const [firstDoor = 1, lastDoor = 3] = [details.doors[0], details.doors.at(-1)];
  panel.line(
    [
      [firstDoor, 0.34],
      [lastDoor, 0.34],
    ],
    SEAM,
    0.012,
  );
  const crease = (drop: number): readonly (readonly [number, number])[] => [
    [0.25, sill - 0.22 - drop],
    [length - 0.45, sill - 0.3 - drop],
  ];
  panel.line(crease(0), 'rgba(255,255,255,.14)', 0.02);
  panel.line(crease(0.025), 'rgba(0,0,0,.22)', 0.02);
  panel.line(
    [
      [length - 0.62, 0.95],
      [length - 0.7, 0.62],
      [length - 0.55, 0.34],
    ],
    SEAM,
    0.01,
  );
  const head = details.headlampY;
  panel.polygon(
    [
      [length - 0.4, head + 0.1],
      [length - 0.05, head + 0.02],
      [length, head - 0.08],
      [length - 0.12, head - 0.1],
      [length - 0.34, head],
    ],
    { colour: '#cfd6da', roughness: 0.1, round: 0.03 },
  );
  const tail = details.tailLampY;
  panel.polygon(
    [
      [0, tail],
      [0.3, tail + 0.02],
      [0.22, tail - 0.12],
      [0, tail - 0.18],
    ],
    TAIL_LAMP,
  );
  panel.rect(0, 0.4, 0.35, 0.012, { colour: SEAM });
  panel.rect(length - 0.35, 0.42, 0.35, 0.012, { colour: SEAM });
  for (const x of axlesM) {
    panel.circle(x, wheelRadiusM, wheelRadiusM + TYRE_GAP + 0.01, 'rgba(0,0,0,.45)', 0.03);
    panel.hole(x, wheelRadiusM, wheelRadiusM + TYRE_GAP);
  }
  return panel;
}

const TAIL_LAMP = { colour: '#7c0d0d', roughness: 0.15, round: 0.02, glow: '#ff2010' } as const;

/** @returns height of the windows' lower edge in the middle of the car */
function paintWindows(panel: Panel, { windows }: CarDetails, heightM: number): number {
  const glass = panel.gradient(1, heightM, ['#090b0d', GLASS, '#2a3238']);
  for (const window of windows) panel.polygon(window, { colour: glass, roughness: 0.06, round: 0.05 });
  const corners = windows.flat();
  const lowest = (x: number) =>
    corners.reduce((low, [cornerX, y]) => (Math.abs(cornerX - x) < 0.5 ? Math.min(low, y) : low), 9);
  const xs = (window: readonly (readonly [number, number])[] | undefined) => (window ?? []).map(([x]) => x);
  const highest = (window: readonly (readonly [number, number])[] | undefined) =>
    Math.max(...(window ?? []).map(([, y]) => y));
  for (const [i, window] of windows.entries()) {
    if (i === 0) continue;
    const behind = windows[i - 1];
    const [from, to] = [Math.max(...xs(behind)), Math.min(...xs(window))];
    panel.polygon(
      [
        [from, lowest(from)],
        [from, highest(behind)],
        [to, highest(window)],
        [to, lowest(to)],
      ],
      {
        colour: '#0c0d0e',
        roughness: 0.3,
      },
    );
  }
  const [first, last] = [Math.min(...xs(corners)), Math.max(...xs(corners))];
  panel.line(
    [
      [first, lowest(first) - 0.015],
      [last, lowest(last) - 0.015],
    ],
    'rgba(210,214,218,.8)',
    0.018,
  );
  return lowest(2);
}

function paintTop({ profile, details, colour }: Job): Panel {
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

function paintFront({ profile, details, colour, plate, highM }: Job): Panel {
  const panel = new Panel(profile.widthM, highM, colour);
  const half = profile.widthM / 2;
  const y = details.headlampY;
  const across = (share: number) => half + half * share;
  panel.polygon(
    [
      [across(-0.55), y - 0.06],
      [across(0.55), y - 0.06],
      [across(0.48), y - 0.24],
      [across(-0.48), y - 0.24],
    ],
    {
      colour: '#0b0c0d',
      roughness: 0.5,
      round: 0.03,
    },
  );
  for (let bar = 0; bar < 4; bar++) {
    const at = y - 0.09 - bar * 0.04;
    panel.line(
      [
        [across(-0.52), at],
        [across(0.52), at],
      ],
      'rgba(170,175,180,.7)',
      0.01,
    );
  }
  panel.polygon(
    [
      [across(-0.72), 0.42],
      [across(0.72), 0.42],
      [across(0.6), 0.27],
      [across(-0.6), 0.27],
    ],
    {
      colour: '#0f1011',
      roughness: 0.6,
      round: 0.03,
    },
  );
  for (const side of [-1, 1]) {
    const at = (share: number) => across(side * share);
    panel.polygon(
      [
        [at(0.58), y - 0.02],
        [at(0.98), y + 0.06],
        [at(0.98), y - 0.12],
        [at(0.62), y - 0.14],
      ],
      {
        colour: '#20262a',
        roughness: 0.1,
        round: 0.03,
        glow: '#fff3dc',
      },
    );
    panel.ellipse(at(0.78), y - 0.055, 0.085, 0.05, { colour: '#eef2f4', roughness: 0.1, glow: '#ffffff' });
    panel.polygon(
      [
        [at(0.66), 0.42],
        [at(0.86), 0.42],
        [at(0.84), 0.33],
        [at(0.68), 0.33],
      ],
      {
        colour: '#0b0c0d',
        roughness: 0.5,
        round: 0.02,
      },
    );
  }
  panel.rect(half - 0.26, 0.4, 0.52, 0.115, { colour: '#f1f1ec', roughness: 0.5, round: 0.01 });
  panel.text(plate, half, 0.425, 0.085, '#1a1a1a', true);
  panel.rect(0, 0, profile.widthM, 0.27, { colour: '#1b1c1d', roughness: 0.7 });
  return panel;
}

function paintRear({ profile, details, colour, plate, highM }: Job): Panel {
  const panel = new Panel(profile.widthM, highM, colour);
  const half = profile.widthM / 2;
  const across = (share: number) => half + half * share;
  const y = details.tailLampY;
  if (details.upright) {
    const [low, high] = details.upright;
    panel.polygon(
      [
        [across(-0.76), low],
        [across(0.76), low],
        [across(0.66), high],
        [across(-0.66), high],
      ],
      {
        colour: GLASS,
        roughness: 0.05,
        round: 0.06,
      },
    );
  }
  for (const side of [-1, 1]) {
    const at = (share: number) => across(side * share);
    panel.polygon(
      [
        [at(0.56), y],
        [at(1), y + 0.04],
        [at(1), y - 0.17],
        [at(0.62), y - 0.14],
      ],
      {
        ...TAIL_LAMP,
        colour: '#8e0f0f',
        round: 0.03,
        glow: '#ff1808',
      },
    );
    panel.polygon(
      [
        [at(0.64), y - 0.075],
        [at(0.8), y - 0.07],
        [at(0.8), y - 0.11],
        [at(0.66), y - 0.11],
      ],
      {
        colour: '#e8d8d8',
        roughness: 0.15,
        round: 0.01,
      },
    );
  }
  panel.line(
    [
      [across(-0.55), y - 0.02],
      [across(0.55), y - 0.02],
    ],
    'rgba(200,205,210,.8)',
    0.025,
  );
  panel.line(
    [
      [across(-0.8), 0.56],
      [across(0.8), 0.56],
    ],
    SEAM,
    0.014,
  );
  panel.rect(0, 0, profile.widthM, 0.36, { colour: '#1c1d1e', roughness: 0.7 });
  panel.rect(half - 0.27, 0.62, 0.54, 0.14, { colour: 'rgba(0,0,0,.35)', roughness: 0.6, round: 0.02 });
  panel.rect(half - 0.25, 0.635, 0.5, 0.11, { colour: '#f1f1ec', roughness: 0.5, round: 0.01 });
  panel.text(plate, half, 0.66, 0.085, '#1a1a1a', false);
  return panel;
}
