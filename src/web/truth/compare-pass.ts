/** A measured pass beside its truth, quantity by quantity. Pure. */
import type { Interval, PassEvent, SpeedUnit } from '../../domain/types.ts';
import type { TruthPass } from './truth-clip.ts';

export interface Comparison {
  readonly isSameVerdict: boolean;
  readonly quantities: readonly Quantity[];
}

export interface Quantity {
  readonly key: 'stood' | 'slowest' | 'approach' | 'distance';
  readonly name: string;
  readonly unit: string;
  /** After the point, when shown. */
  readonly digits: number;
  readonly measured: Interval | null;
  /** null: there is no such quantity, e.g. the distance of a stop that was none. */
  readonly truth: number | null;
  /** Measured − truth. */
  readonly difference: number | null;
  /** The truth lies in the interval that was stated. */
  readonly isInside: boolean | null;
}

const MPS_PER: Readonly<Record<SpeedUnit, number>> = { 'km/h': 1 / 3.6, mph: 0.44704 };
/** So near to its end a value is in the interval: both are rounded when they are stored. */
const EDGE = 1e-3;

export function speedFromMps(mps: number, unit: SpeedUnit): number {
  return mps / MPS_PER[unit];
}

/** @param truthUnits of the truth's speeds */
export function comparePass(pass: PassEvent, truth: TruthPass, truthUnits: SpeedUnit): Comparison {
  const speed = (key: 'slowest' | 'approach', name: string, measured: PassEvent['min_speed'], exact: number) => {
    const unit = measured?.unit ?? truthUnits;
    return quantity(key, name, unit, 1, measured, speedFromMps(exact * MPS_PER[truthUnits], unit));
  };
  return {
    isSameVerdict: pass.verdict === truth.verdict,
    quantities: [
      quantity('stood', 'Stood', 's', 2, pass.stopped_s, truth.stoppedS),
      speed('slowest', 'Slowest', pass.min_speed, truth.minSpeed),
      speed('approach', 'Approach', pass.approach_speed, truth.approachSpeed),
      quantity('distance', 'From the line', 'm', 2, pass.stop_distance_m, truth.stopDistanceM),
    ],
  };
}

function quantity(
  key: Quantity['key'],
  name: string,
  unit: string,
  digits: number,
  measured: Interval | null,
  truth: number | null,
): Quantity {
  const isBoth = measured !== null && truth !== null;
  return {
    key,
    name,
    unit,
    digits,
    measured,
    truth,
    difference: isBoth ? measured.value - truth : null,
    isInside: isBoth ? truth >= measured.lo - EDGE && truth <= measured.hi + EDGE : null,
  };
}
