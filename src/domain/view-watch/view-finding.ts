/** What the view watch says of a camera's picture. Travels with detections from the room that holds the picture. */
import type { WayShift } from './way-watch.ts';

/**
 * `learning`: the view is taken as it is. `steady`: it is the learned one. `doubtful`: it seems not to be, but that may
 * pass. `moved`, `blocked`: it is not; verdicts are suspended. `dark`: too little is seen to say anything.
 */
export type ViewState = 'learning' | 'steady' | 'doubtful' | 'moved' | 'blocked' | 'dark';

export type SuspensionKind = 'moved' | 'blocked';

/** A time in which verdicts cannot be trusted. UTC seconds of capture. */
export interface Suspension {
  readonly kind: SuspensionKind;
  readonly sinceUtc: number;
  /** How far the picture's middle went, right and down, pixels; null: blocked, or the view was not found again. */
  readonly shiftPx: readonly [x: number, y: number] | null;
  /** Clockwise. */
  readonly turnDeg: number;
  /** 1 = as before. */
  readonly zoom: number;
  /** Share of the learned view that is not seen, 0 … 1. */
  readonly hidden: number;
  /** It was found out from where vehicles drive, not from the picture; see view-trust.ts. */
  readonly ways?: WayShift;
}

export interface EndedSuspension {
  readonly kind: SuspensionKind;
  readonly sinceUtc: number;
  readonly untilUtc: number;
  readonly how: 'confirmed' | 'by_itself';
}

export interface ViewFinding {
  readonly state: ViewState;
  /** In the states `moved` and `blocked`. */
  readonly suspension?: Suspension;
  /** The last one that is over. */
  readonly ended?: EndedSuspension;
  /** When an operator said last that the present view is the right one. */
  readonly confirmedUtc?: number;
}

/** The same in another pixel space. */
export function scaledFinding(finding: ViewFinding, sx: number, sy: number): ViewFinding {
  const { suspension } = finding;
  if (!suspension?.shiftPx || (sx === 1 && sy === 1)) return finding;
  const [x, y] = suspension.shiftPx;
  return { ...finding, suspension: { ...suspension, shiftPx: [x * sx, y * sy] } };
}
