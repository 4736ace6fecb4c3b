/** What is to be painted, and the colours that all sides of a car share. Browser side. */
import type { CarProfile } from '../body-shape.ts';
import type { CarDetails } from './car-details.ts';

export interface CarPaintJob {
  readonly profile: CarProfile;
  readonly details: CarDetails;
  readonly colour: string;
  readonly plate: string;
  readonly highM: number;
}

export const GLASS = '#11161a';
export const SEAM = 'rgba(0,0,0,.55)';
export const TAIL_LAMP = { colour: '#7c0d0d', roughness: 0.15, round: 0.02, glow: '#ff2010' } as const;
