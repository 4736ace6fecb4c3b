/**
 * How large vehicles are, by class: what is believed of a vehicle before it has been seen. Metres; the length with its
 * standard deviation. The width is the footprint's, mirrors left out and corners rounded off, which is what the
 * detectors' boxes show.
 */
export interface VehicleSize {
  readonly lengthM: number;
  readonly lengthSigmaM: number;
  readonly widthM: number;
}

const CAR: VehicleSize = { lengthM: 4.4, lengthSigmaM: 0.4, widthM: 1.75 };

// COCO calls pick-ups and vans trucks as well as lorries: hence the wide spread.
const SIZES: Readonly<Record<string, VehicleSize>> = {
  car: CAR,
  truck: { lengthM: 5.8, lengthSigmaM: 1.5, widthM: 1.9 },
  bus: { lengthM: 11, lengthSigmaM: 2.5, widthM: 2.4 },
  motorcycle: { lengthM: 2.1, lengthSigmaM: 0.25, widthM: 0.6 },
  bicycle: { lengthM: 1.75, lengthSigmaM: 0.15, widthM: 0.5 },
};

export function vehicleSize(vehicleClass: string): VehicleSize {
  return SIZES[vehicleClass] ?? CAR;
}
