/**
 * A vehicle that stands, as it is handed over to the next analyzer when this one ends: enough to know it again at its
 * place and to let it drive off as the same vehicle. Travels in the track summaries and lies in the database. Pure.
 */
import type { Box } from '../types.ts';
import { type Standing, standingBox } from './standing.ts';

export interface StandingVehicle {
  readonly trackId: number;
  readonly class: string;
  readonly firstUtc: number;
  readonly lastUtc: number;
  readonly frames: number;
  /** Where it stands, in the site's pixels. */
  readonly place: Box;
  readonly sinceUtc: number;
  /** Never seen to move. */
  readonly isSinceBirth: boolean;
  readonly isParked: boolean;
}

/** While nobody watched it may have left and another may have come: a parked one is believed for longer. */
const BELIEVED_S = 60;
const BELIEVED_PARKED_S = 3600;

export interface Watched {
  readonly id: number;
  readonly class: string;
  readonly firstUtc: number;
  readonly lastUtc: number;
  readonly frames: number;
  readonly standing: Standing;
}

/** null while it does not stand. */
export function standingVehicle(watched: Watched): StandingVehicle | null {
  const { id, standing, class: name, firstUtc, lastUtc, frames } = watched;
  if (!standing.isStanding) return null;
  const { sinceUtc, isSinceBirth, isParked } = standing;
  const place = standingBox(standing);
  return { trackId: id, class: name, firstUtc, lastUtc, frames, place, sinceUtc, isSinceBirth, isParked };
}

/** Whether it is worth looking for at `nowUtc`, the first moment that is watched again. */
export function isBelieved({ lastUtc, isParked }: StandingVehicle, nowUtc: number): boolean {
  const away = nowUtc - lastUtc;
  return away >= 0 && away <= (isParked ? BELIEVED_PARKED_S : BELIEVED_S);
}
