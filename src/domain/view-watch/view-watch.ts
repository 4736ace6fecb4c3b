/**
 * Watches whether a camera still shows the view that it was calibrated on. Once a second it is shown the picture's luma
 * and says what it finds. Pure: time is capture time, and the same pictures give the same findings. Changed in place.
 * Used by the room that holds the picture; docs/adr/0011 has the reasons.
 */
import { type EdgeMap, edgeMap } from './edge-map.ts';
import { LearnedView, type LearnedViewData } from './learned-view.ts';
import {
  agree,
  BACK_CELLS,
  commonMovement,
  kindOf,
  type Look,
  type LookKind,
  meanOver,
  OFF_CELLS,
  SEEN_SHARE,
} from './look.ts';
import { type LumaPlane, lumaGrid, meanOf } from './luma-grid.ts';
import { isOfShape } from './picture-shape.ts';
import { displaced, registerView } from './register-view.ts';
import type { EndedSuspension, Suspension, SuspensionKind, ViewFinding } from './view-finding.ts';

export interface ViewWatchData {
  readonly learned: LearnedViewData | null;
  readonly suspension: Suspension | null;
  readonly ended: EndedSuspension | null;
  readonly confirmedUtc?: number | undefined;
}

const EVERY_S = 1;
const LEARNING_LOOKS = 5;
/** In a row and agreeing, so that neither wind nor a lorry that shakes the pole is a moved camera. */
const OFF_LOOKS = 8;
/** When they do not agree, since it sways where it is now: so many. */
const OFF_SWAYING_LOOKS = 40;
const BACK_LOOKS = 15;
/** Not recognised for so long: a bus that waits in front of the camera is gone by then. */
const LOST_S = 30;
/** The same where nearly all edges are gone: nothing that drives does that. */
const COVERED_S = 12;
const COVERED_SHARE = 0.75;
/** Less than this is found by chance. */
const NOTHING_SHARE = 0.1;
const CLEAR_LOOKS = 10;
const DOUBTFUL_LOST_LOOKS = 3;
const DOUBTFUL_OFF_LOOKS = 2;
/** One look is enough to doubt when it is off by this much: 12 px of 1280. */
const FAR_CELLS = 1.5;
/** The first view is compared now and then, and whenever the recent one is not found. */
const FIRST_EVERY = 20;
const LOST_FIRST_EVERY = 5;
const FIRST_SHARE = 0.6;
/** Light that falls by this factor from one look to the next is a cover, not an evening. */
const SUDDEN = 2;
const SUDDEN_S = 4;
const KEPT_LOOKS = 60;
const SAVE_EVERY = 600;

export class ViewWatch {
  /** Goes up whenever `data()` is worth keeping. */
  revision = 0;
  private view: LearnedView | null = null;
  private isLearning = true;
  private suspension: Suspension | null = null;
  private ended: EndedSuspension | null = null;
  private confirmedUtc: number | undefined;
  /** It was confirmed before there was a picture to say when. */
  private isConfirmedUntimed = false;
  private lastUtc: number | null = null;
  private looks = 0;
  /** Looks of one kind in a row, oldest first; the others leave the count as it is or end it. */
  private off: Look[] = [];
  private lost: Look[] = [];
  private back = 0;
  private lastSeen: Look | null = null;
  private lastKind: LookKind = 'near';
  private isFirstOff = false;
  private wasSudden = false;

  constructor(data?: ViewWatchData) {
    if (!data) return;
    this.suspension = data.suspension;
    this.ended = data.ended;
    this.confirmedUtc = data.confirmedUtc;
    if (!data.learned) return;
    this.view = LearnedView.from(data.learned);
    this.isLearning = false;
  }

  /** A look is due about once a second of capture time, whichever way that runs. */
  isDue(tsUtc: number): boolean {
    return this.lastUtc === null || Math.abs(tsUtc - this.lastUtc) >= EVERY_S;
  }

  /** False while every picture was too small to be watched, and nobody confirmed anything either. */
  get hasLooked(): boolean {
    return this.looks > 0 || this.confirmedUtc !== undefined;
  }

  get finding(): ViewFinding {
    const past = {
      ...(this.ended && { ended: this.ended }),
      ...(this.confirmedUtc !== undefined && { confirmedUtc: this.confirmedUtc }),
    };
    if (this.suspension) return { state: this.suspension.kind, suspension: this.suspension, ...past };
    if (this.isLearning) return { state: 'learning', ...past };
    if (this.isDoubtful) return { state: 'doubtful', ...past };
    return { state: this.lastKind === 'dark' ? 'dark' : 'steady', ...past };
  }

  private get isDoubtful(): boolean {
    const far = (this.off.at(-1)?.registration.displacement ?? 0) > FAR_CELLS;
    return far || this.off.length >= DOUBTFUL_OFF_LOOKS || this.lost.length >= DOUBTFUL_LOST_LOOKS;
  }

  /** Pictures that are too small for it leave everything as it is. */
  look(picture: LumaPlane, tsUtc: number): ViewFinding {
    this.lastUtc = tsUtc;
    if (this.isConfirmedUntimed) this.timeConfirmation(tsUtc);
    const { view } = this;
    const isSameShape = view !== null && hasShapeOf(view, picture);
    const grid = lumaGrid(picture, isSameShape ? view.rows : undefined);
    if (!grid) return this.finding;
    const map = edgeMap(grid);
    // A picture of another shape is not the one that was calibrated; it cannot be compared either.
    if (view && !isSameShape) this.takeLost(this.emptyLook(tsUtc, meanOf(grid)), picture);
    else if (!view || this.isLearning) this.learn(map);
    else this.compare(view, map, tsUtc, meanOf(grid), picture);
    if (++this.looks % SAVE_EVERY === 0) this.revision++;
    return this.finding;
  }

  /** The operator says: what the camera shows now is what it shall show. It is learned anew; verdicts resume. */
  confirm(): void {
    this.end('confirmed', this.lastUtc ?? this.suspension?.sinceUtc ?? 0);
    if (this.lastUtc === null) this.isConfirmedUntimed = true;
    else this.confirmedUtc = this.lastUtc;
    this.view = null;
    this.isLearning = true;
    this.forgetRuns();
    this.revision++;
  }

  private timeConfirmation(tsUtc: number): void {
    this.isConfirmedUntimed = false;
    this.confirmedUtc = tsUtc;
    const { ended } = this;
    if (ended?.how === 'confirmed' && ended.untilUtc === ended.sinceUtc) this.ended = { ...ended, untilUtc: tsUtc };
    this.revision++;
  }

  /** All that must survive a restart. */
  data(): ViewWatchData {
    const { view, isLearning, suspension, ended, confirmedUtc } = this;
    return { learned: view && !isLearning ? view.data() : null, suspension, ended, confirmedUtc };
  }

  private learn(map: EdgeMap): void {
    this.looks = this.view === null ? 0 : this.looks;
    if (!this.view) this.view = new LearnedView(map);
    else if (this.view.canDecide && !this.isSame(this.view, map)) {
      // Somebody is still at the camera: begin again with what it shows now.
      this.view = new LearnedView(map);
      this.looks = 0;
    } else this.view.learn(map);
    if (this.looks + 1 < LEARNING_LOOKS || !this.view.canDecide) return;
    this.view.settle();
    this.isLearning = false;
    this.revision++;
  }

  private isSame(view: LearnedView, map: EdgeMap): boolean {
    const { matched, displacement } = registerView(view.recent, map);
    return matched < SEEN_SHARE || displacement <= OFF_CELLS;
  }

  private compare(view: LearnedView, map: EdgeMap, tsUtc: number, light: number, picture: LumaPlane): void {
    const { suspension } = this;
    const cell = picture.width / view.cols;
    const shift = suspension?.shiftPx ?? [0, 0];
    const expected = [Math.round(shift[0] / cell), Math.round(shift[1] / cell)] as const;
    let look: Look = { tsUtc, light, registration: registerView(view.recent, map, expected) };
    look = this.withFirst(look, view, map, expected);
    const kind = kindOf(look);
    this.lastKind = kind;
    if (kind === 'near' || kind === 'off') {
      this.lost = [];
      this.lastSeen = look;
      if (kind === 'near') this.takeNear(look, map);
      else this.takeOff(look, view, cell);
    } else if (kind === 'lost' || this.isSudden(look)) this.takeLost(look, picture);
  }

  /** The view as it was first may know better: of a slow movement, and of light that was not there lately. */
  private withFirst(look: Look, view: LearnedView, map: EdgeMap, expected: readonly [number, number]): Look {
    const isLost = look.registration.matched < SEEN_SHARE;
    const every = isLost ? LOST_FIRST_EVERY : FIRST_EVERY;
    if (!this.isFirstOff && this.looks % every !== 0) return look;
    const registration = registerView(view.first, map, expected);
    const other = { ...look, registration };
    const share = isLost ? SEEN_SHARE : FIRST_SHARE;
    this.isFirstOff = registration.matched >= share && kindOf(other) === 'off';
    return this.isFirstOff || (isLost && registration.matched >= share) ? other : look;
  }

  private takeNear(look: Look, map: EdgeMap): void {
    this.off = [];
    if (!this.suspension) {
      this.view?.learn(map);
      return;
    }
    this.back = look.registration.displacement <= BACK_CELLS ? this.back + 1 : 0;
    const enough = this.suspension.kind === 'moved' ? BACK_LOOKS : CLEAR_LOOKS;
    if (this.back >= enough) this.end('by_itself', look.tsUtc);
  }

  private takeOff(look: Look, view: LearnedView, cell: number): void {
    this.back = 0;
    this.off = [...this.off, look].slice(-OFF_SWAYING_LOOKS);
    if (this.suspension?.kind === 'moved' && this.suspension.shiftPx !== null) return;
    const centre = [view.cols / 2, view.rows / 2] as const;
    const latest = this.off.slice(-OFF_LOOKS);
    const isStill = latest.length === OFF_LOOKS && agree(latest, centre);
    const looks = isStill ? latest : this.off;
    if (!isStill && looks.length < OFF_SWAYING_LOOKS) return;
    const { tx, ty, zoom, turn } = commonMovement(looks);
    if (displaced(commonMovement(looks), centre) <= OFF_CELLS) return;
    const began = this.suspension?.sinceUtc ?? (this.off[0] as Look).tsUtc;
    this.suspend('moved', began, look.tsUtc, {
      shiftPx: [round(tx * cell, 1), round(ty * cell, 1)],
      turnDeg: round((turn * 180) / Math.PI, 2),
      zoom: round(1 + zoom, 4),
      hidden: round(1 - meanOver(looks, (r) => r.matched), 2),
    });
  }

  private takeLost(look: Look, picture: LumaPlane): void {
    this.back = 0;
    this.wasSudden = this.lost.length === 0 ? this.isSudden(look) : this.wasSudden;
    this.lost = [...this.lost, look].slice(-KEPT_LOOKS);
    if (this.suspension) return;
    const since = (this.lost[0] as Look).tsUtc;
    const lostS = Math.abs(look.tsUtc - since);
    const faded = meanOver(this.lost, (r) => r.faded);
    const matched = meanOver(this.lost, (r) => r.matched);
    if (lostS < (faded >= COVERED_SHARE ? COVERED_S : LOST_S) || this.lost.length < CLEAR_LOOKS) return;
    const isSameShape = this.view !== null && hasShapeOf(this.view, picture);
    const isBlocked = isSameShape && (faded >= 0.5 || matched >= NOTHING_SHARE);
    const unknown = { shiftPx: null, turnDeg: 0, zoom: 1, hidden: round(1 - matched, 2) };
    this.suspend(isBlocked ? 'blocked' : 'moved', since, look.tsUtc, unknown);
  }

  private isSudden({ light, tsUtc }: Look): boolean {
    if (this.lost.length > 0 && this.wasSudden) return true;
    const { lastSeen } = this;
    return lastSeen !== null && tsUtc - lastSeen.tsUtc <= SUDDEN_S && light * SUDDEN < lastSeen.light;
  }

  private suspend(
    kind: SuspensionKind,
    sinceUtc: number,
    nowUtc: number,
    how: Pick<Suspension, 'shiftPx' | 'turnDeg' | 'zoom' | 'hidden'>,
  ): void {
    // One that is of the same kind is only known better now.
    if (this.suspension && this.suspension.kind !== kind) this.end('by_itself', nowUtc);
    this.suspension = { kind, sinceUtc, ...how };
    this.forgetRuns();
    this.revision++;
  }

  private end(how: EndedSuspension['how'], untilUtc: number): void {
    if (!this.suspension) return;
    const { kind, sinceUtc } = this.suspension;
    this.ended = { kind, sinceUtc, untilUtc, how };
    this.suspension = null;
    this.forgetRuns();
    this.revision++;
  }

  private forgetRuns(): void {
    this.off = [];
    this.lost = [];
    this.back = 0;
    this.isFirstOff = false;
  }

  private emptyLook(tsUtc: number, light: number): Look {
    const movement = { tx: 0, ty: 0, zoom: 0, turn: 0 };
    return { tsUtc, light, registration: { patches: 0, matched: 0, spread: 0, faded: 0, movement, displacement: 0 } };
  }
}

/** Rows are rounded: of one shape is what is nearly so. */
function hasShapeOf({ cols, rows }: LearnedView, picture: LumaPlane): boolean {
  return isOfShape(picture, { width: cols, height: rows });
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
