/** One look at the picture, put into a word: what the state machine of the view watch goes by. Pure. */
import { displaced, type Registration } from './register-view.ts';

export interface Look {
  /** Capture time. */
  readonly tsUtc: number;
  /** Mean luma, 0 … 255. */
  readonly light: number;
  readonly registration: Registration;
}

/** `near` and `off`: recognised, where it was or elsewhere. `lost`: not recognised. `dark`: there is nothing to see. */
export type LookKind = 'near' | 'off' | 'lost' | 'dark';

/** Cells (8 px at 720p): a larger displacement of the view is off. 4 px of 1280. */
export const OFF_CELLS = 0.5;
/** Smaller is surely back. */
export const BACK_CELLS = 0.3;
/** Looks at a view that rests differ by less. */
const AGREED_CELLS = 0.35;
/** Share of the patches that must be found. Vehicles in heavy traffic hide a tenth; this is for what does not pass. */
export const SEEN_SHARE = 0.4;
/** The same in a light that nothing of was learned: headlamps instead of the sun. */
const WEAK_SHARE = 0.2;
const WEAK_SPREAD = 0.6;
/** By so few patches the place is not known as well. */
const WEAKLY_OFF_CELLS = 1.2;
/** A mean luma below which a picture without edges is dark rather than covered; black is 16. */
const DARK = 40;

export function kindOf({ light, registration }: Look): LookKind {
  if (isRecognised(registration)) {
    const limit = registration.matched >= SEEN_SHARE ? OFF_CELLS : WEAKLY_OFF_CELLS;
    return registration.displacement > limit ? 'off' : 'near';
  }
  return light < DARK ? 'dark' : 'lost';
}

/** By most of it, or by a little everywhere: what covers the view leaves nothing in some parts of it. */
export function isRecognised({ matched, spread }: Registration): boolean {
  return matched >= SEEN_SHARE || (matched >= WEAK_SHARE && spread >= WEAK_SPREAD);
}

/** The movement that most of several looks agree on; swaying to and fro is none. */
export function commonMovement(looks: readonly Look[]): Registration['movement'] {
  const middle = (of: (movement: Registration['movement']) => number): number => {
    const sorted = looks.map((look) => of(look.registration.movement)).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  };
  return { tx: middle((m) => m.tx), ty: middle((m) => m.ty), zoom: middle((m) => m.zoom), turn: middle((m) => m.turn) };
}

/** Whether the view rests at one place in all of them. */
export function agree(looks: readonly Look[], centre: readonly [number, number]): boolean {
  const common = commonMovement(looks);
  return looks.every(({ registration: { movement: m } }) => {
    const rest = { tx: m.tx - common.tx, ty: m.ty - common.ty, zoom: m.zoom - common.zoom, turn: m.turn - common.turn };
    return displaced(rest, centre) <= AGREED_CELLS;
  });
}

export function meanOver(looks: readonly Look[], of: (registration: Registration) => number): number {
  return looks.reduce((sum, look) => sum + of(look.registration), 0) / Math.max(1, looks.length);
}
