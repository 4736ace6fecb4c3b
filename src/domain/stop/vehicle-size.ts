/**
 * How large vehicles are and roughly what shape, by class: what is believed of a vehicle before it has been seen.
 * Metres, from ordinary data sheets; every size with its standard deviation. Mirrors are left out.
 */

export interface VehicleSize {
  readonly lengthM: number;
  readonly lengthSigmaM: number;
  readonly widthM: number;
  readonly widthSigmaM: number;
  readonly heightM: number;
  readonly heightSigmaM: number;
  readonly outline: Outline;
}

/**
 * Points that span a body's outline from anywhere; each stands for both sides. The distance behind the front is
 * `back + backShare · length`, to the side `side · width / 2`, above the ground `up + upShare · height`.
 */
export type Outline = readonly {
  readonly back: number;
  readonly backShare: number;
  readonly side: number;
  readonly up: number;
  readonly upShare: number;
}[];

const at = (back: number, backShare: number, side: number, up: number, upShare = 0) => ({
  back,
  backShare,
  side,
  up,
  upShare,
});

/** Rounded bumpers, wheels inside; `roof` from … to as shares of the length, its width as a share. */
function onWheels(roofFrom: number, roofTo: number, roofSide: number): Outline {
  return [
    // the front bumper at half height, round in plan; its lip lies lower and a little behind
    at(0, 0, 0.2, 0.52),
    at(0.03, 0, 0.5, 0.52),
    at(0.13, 0, 0.8, 0.55),
    at(0.5, 0, 0.97, 0.6),
    at(0.07, 0, 0.3, 0.24),
    at(0.2, 0, 0.75, 0.22),
    at(0.15, 0, 0.6, 0.8),
    at(0, 0.195, 0.98, 0),
    at(0, 0.79, 0.98, 0),
    at(0, 0.3, 1, 0.65),
    at(0, 0.75, 1, 0.65),
    at(0, roofFrom, roofSide * 0.9, 0, 0.97),
    at(0, (roofFrom + roofTo) / 2, roofSide, 0, 0.98),
    at(0, (roofFrom + roofTo) / 2, 0.4, 0, 1),
    at(0, roofTo, roofSide * 0.9, 0, 0.96),
    at(-0.5, 1, 0.97, 0.65),
    at(-0.13, 1, 0.8, 0.65),
    at(-0.03, 1, 0.5, 0.62),
    at(0, 1, 0.2, 0.6),
    at(-0.08, 1, 0.6, 0.95),
    at(-0.06, 1, 0.3, 0.36),
    at(-0.15, 1, 0.7, 0.32),
  ];
}

/** A box with rounded edges. */
const COACH: Outline = [
  at(0, 0, 0.7, 0.6),
  at(0.02, 0, 0.8, 0.3),
  at(0.25, 0, 0.97, 0.6),
  at(0.1, 0, 0.8, 0, 0.85),
  at(0.35, 0, 0.8, 0, 1),
  at(2.6, 0, 0.98, 0),
  at(-3.2, 1, 0.98, 0),
  at(0.3, 0, 1, 0, 0.8),
  at(-0.3, 1, 1, 0, 0.8),
  at(-0.3, 1, 0.8, 0, 1),
  at(-0.1, 1, 0.8, 0, 0.85),
  at(-0.25, 1, 0.97, 0.6),
  at(-0.02, 1, 0.8, 0.35),
  at(0, 1, 0.7, 0.7),
];

/** Two wheels in line and who sits on them. */
const IN_LINE: Outline = [
  at(0, 0, 0.1, 0.32),
  at(0.3, 0, 0.1, 0),
  at(-0.3, 1, 0.1, 0),
  at(0, 1, 0.1, 0.35),
  at(0, 0.33, 1, 0, 0.62),
  at(0, 0.45, 0.7, 0, 0.85),
  at(0, 0.55, 0.3, 0, 1),
];

const CAR: VehicleSize = {
  lengthM: 4.4,
  lengthSigmaM: 0.35,
  widthM: 1.82,
  widthSigmaM: 0.07,
  heightM: 1.52,
  heightSigmaM: 0.12,
  outline: onWheels(0.42, 0.78, 0.65),
};

// COCO calls pick-ups and vans trucks as well as lorries: hence the wide spread.
const SIZES: Readonly<Record<string, VehicleSize>> = {
  car: CAR,
  truck: {
    lengthM: 5.8,
    lengthSigmaM: 1.5,
    widthM: 2.0,
    widthSigmaM: 0.2,
    heightM: 2.1,
    heightSigmaM: 0.5,
    outline: onWheels(0.3, 0.97, 0.85),
  },
  bus: {
    lengthM: 11.5,
    lengthSigmaM: 2,
    widthM: 2.53,
    widthSigmaM: 0.06,
    heightM: 3.1,
    heightSigmaM: 0.2,
    outline: COACH,
  },
  motorcycle: {
    lengthM: 2.1,
    lengthSigmaM: 0.2,
    widthM: 0.75,
    widthSigmaM: 0.12,
    heightM: 1.5,
    heightSigmaM: 0.12,
    outline: IN_LINE,
  },
  bicycle: {
    lengthM: 1.75,
    lengthSigmaM: 0.12,
    widthM: 0.6,
    widthSigmaM: 0.1,
    heightM: 1.7,
    heightSigmaM: 0.12,
    outline: IN_LINE,
  },
};

export function vehicleSize(vehicleClass: string): VehicleSize {
  return SIZES[vehicleClass] ?? CAR;
}
