/**
 * Whether a verdict may be trusted, from what the view watch found in the picture, from the picture's shape and from where
 * vehicles drive: passes that overlap a time in which the camera had moved, was blocked or sent pictures of another shape
 * (shape-watch.ts) come out indeterminate, and each such time is told when it begins and when it ends. Used by the analyzer,
 * whose state it is part of; changed in place. What the picture says comes whole with each finding, so that a successor that
 * knows nothing suspends verdicts at the first of them, and its events have the same ids.
 */
import { eventId } from '../event-id.ts';
import type { ConditionEvent, PassEvent, PassSample } from '../types.ts';
import type { LineCrossing } from './line-crossing.ts';
import type { PictureSize } from './picture-shape.ts';
import { ShapeWatch } from './shape-watch.ts';
import type { EndedSuspension, Suspension, SuspensionKind, ViewFinding } from './view-finding.ts';
import { DOUBT_SENTENCE, endSentence, suspensionSentence } from './view-words.ts';
import { WayWatch } from './way-watch.ts';

const TYPES = { moved: 'camera_moved', blocked: 'view_blocked' } as const satisfies Record<SuspensionKind, string>;
/** Past ones, for vehicles that were in view then. */
const KEPT = 20;
/** An end is told by a successor too, but not for ever. */
const TELL_END_S = 60;

/** The suspension that lasts, for people. */
export interface PresentSuspension {
  readonly kind: SuspensionKind | 'reshaped';
  readonly sinceUtc: number;
  readonly sentence: string;
}

type Suspended = NonNullable<PassEvent['suspended']>;

function withheld(pass: PassEvent, reason: string, suspended: Suspended): PassEvent {
  return { ...pass, verdict: 'indeterminate', reason, suspended };
}

/** Nothing that was measured in metres: in a view that was not calibrated they are those of another place. */
function withoutMetres(pass: PassEvent): PassEvent {
  const { deceleration_mps2: _, ...rest } = pass;
  const none = { min_speed: null, min_speed_utc: null, approach_speed: null, stop_distance_m: null };
  return { ...rest, ...none, encroached: false };
}

/** The samples of a pass as they may be told with it. */
export function toldSamples(pass: PassEvent, samples: readonly PassSample[]): readonly PassSample[] {
  const isElsewhere = pass.suspended === 'moved' || pass.suspended === 'reshaped';
  return isElsewhere ? samples.map((sample) => ({ ...sample, ground: null, speed: null })) : samples;
}

interface Span {
  readonly suspension: Suspension;
  /** Since then passes are concerned: since the suspension began, or, where the clock was set back since, from then on. */
  readonly fromUtc: number;
  untilUtc: number | null;
}

export class ViewTrust {
  private readonly camera: string;
  private readonly timezone: string;
  private readonly ways = new WayWatch();
  private readonly shape: ShapeWatch;
  private spans: Span[] = [];
  private isDoubtful = false;
  private toldEndUtc: number | null = null;
  private confirmedUtc: number | null = null;

  constructor(camera: string, timezone: string) {
    this.camera = camera;
    this.timezone = timezone;
    this.shape = new ShapeWatch(camera, timezone);
  }

  /** Of several the one that is known best. */
  get present(): PresentSuspension | null {
    const reshaped = this.shape.present;
    if (reshaped) return { kind: 'reshaped', sinceUtc: reshaped.sinceUtc, sentence: reshaped.sentence };
    const open = this.openOf('picture') ?? this.openOf('ways');
    if (!open) return null;
    const { kind, sinceUtc } = open.suspension;
    return { kind, sinceUtc, sentence: suspensionSentence(open.suspension, this.timezone) };
  }

  /** Takes the size of a picture. @param calibrated the site's image */
  seeShape(picture: PictureSize, calibrated: PictureSize, nowUtc: number): ConditionEvent[] {
    return this.shape.see(picture, calibrated, nowUtc);
  }

  /** Takes what was found in the picture. */
  see(finding: ViewFinding, nowUtc: number): ConditionEvent[] {
    const events: ConditionEvent[] = [];
    const { state, suspension = null, ended, confirmedUtc = null } = finding;
    this.isDoubtful = state === 'doubtful';
    const open = this.openOf('picture');
    if (open && (suspension === null || suspension.kind !== open.suspension.kind)) {
      const { kind, sinceUtc } = open.suspension;
      open.untilUtc = nowUtc;
      // Without word of how: whoever watched was replaced by one that sees nothing wrong.
      const isTold = ended !== undefined && ended.kind === kind && ended.sinceUtc === sinceUtc;
      events.push(...this.tellEnd(isTold ? ended : { kind, sinceUtc, untilUtc: nowUtc, how: 'by_itself' }));
    } else if (!open && ended && Math.abs(nowUtc - ended.untilUtc) < TELL_END_S) {
      events.push(...this.tellEnd(ended));
    }
    if (confirmedUtc !== null && confirmedUtc !== this.confirmedUtc) {
      this.confirmedUtc = confirmedUtc;
      events.push(...this.endWays('confirmed', confirmedUtc, nowUtc));
      this.ways.relearn();
    }
    const known = this.openOf('picture');
    if (suspension && !known) events.push(this.begin(suspension, nowUtc));
    else if (suspension && known) {
      const fromUtc = Math.min(known.fromUtc, suspension.sinceUtc, nowUtc);
      this.spans = this.spans.map((span) => (span === known ? { suspension, fromUtc, untilUtc: null } : span));
    }
    return events;
  }

  /** Takes where a vehicle drove over the line, before its pass is judged. Nothing is learned of a picture in doubt. */
  watch(crossing: LineCrossing, sinceUtc: number, nowUtc: number): ConditionEvent[] {
    const isShown = this.shape.overlapping(sinceUtc, nowUtc).length === 0;
    const isClear = isShown && !this.overlapping(sinceUtc, nowUtc).some(({ suspension }) => !suspension.ways);
    if (this.isDoubtful || !isClear) return [];
    const finding = this.ways.take(crossing, sinceUtc);
    const open = this.openOf('ways');
    if (finding?.state === 'shifted' && !open) {
      this.ways.beginLatest();
      const { sinceUtc, shift } = finding;
      const unknown = { shiftPx: null, turnDeg: 0, zoom: 1, hidden: 0 };
      return [this.begin({ kind: 'moved', sinceUtc, ...unknown, ways: shift }, nowUtc)];
    }
    return finding?.state === 'usual' && open ? this.endWays('by_itself', nowUtc, nowUtc) : [];
  }

  /**
   * The pass as it may be told. Without calibration nothing that is in metres can be right; how long the vehicle stood
   * can, unless the camera moved, or the shape changed, meanwhile. A blocked view leaves the measured values as they are.
   * @param sinceUtc when the vehicle was first seen
   */
  judge(pass: PassEvent, sinceUtc: number): PassEvent {
    const overlapping = this.overlapping(sinceUtc, pass.exited_utc);
    const moved = overlapping.filter(({ suspension }) => suspension.kind === 'moved');
    const reshaped = this.shape.concerning(pass, sinceUtc);
    // The one that takes most from the verdict gives the reason, and of several the latest.
    const named = (moved.at(-1) ?? overlapping.at(-1))?.suspension;
    const shape = reshaped.at(-1);
    let told: PassEvent;
    if (shape) told = withheld(pass, shape.sentence, 'reshaped');
    else if (named) told = withheld(pass, suspensionSentence(named, this.timezone), named.kind);
    else return this.isDoubtful ? withheld(pass, DOUBT_SENTENCE, 'doubtful') : pass;
    if (told.suspended === 'blocked') return told;
    const elsewhere = [...reshaped, ...moved.map(({ fromUtc, untilUtc }) => ({ sinceUtc: fromUtc, untilUtc }))];
    const hasJumped = elsewhere.some(
      (span) => span.sinceUtc >= sinceUtc || (span.untilUtc !== null && span.untilUtc <= pass.exited_utc),
    );
    return { ...withoutMetres(told), stopped_s: hasJumped ? null : pass.stopped_s };
  }

  /** A suspension counts from its beginning on, whatever was seen before it was found out. */
  private overlapping(fromUtc: number, toUtc: number): Span[] {
    return this.spans.filter((span) => span.fromUtc <= toUtc && (span.untilUtc === null || span.untilUtc >= fromUtc));
  }

  private openOf(source: 'picture' | 'ways'): Span | undefined {
    return this.spans.find(
      ({ suspension, untilUtc }) => untilUtc === null && (suspension.ways !== undefined) === (source === 'ways'),
    );
  }

  private begin(suspension: Suspension, nowUtc: number): ConditionEvent {
    // Those that last are few and stay, whatever came and went meanwhile.
    const kept = this.spans.filter(({ untilUtc }, i) => untilUtc === null || i >= this.spans.length - KEPT + 1);
    this.spans = [...kept, { suspension, fromUtc: Math.min(suspension.sinceUtc, nowUtc), untilUtc: null }];
    return this.event(suspension, 'began', suspension.sinceUtc, this.describe(suspension));
  }

  private endWays(how: EndedSuspension['how'], untilUtc: number, nowUtc: number): ConditionEvent[] {
    const open = this.openOf('ways');
    if (!open) return [];
    open.untilUtc = nowUtc;
    this.ways.beginLatest();
    const { suspension } = open;
    const sentence = endSentence('moved', how, true);
    const detail = { since_utc: suspension.sinceUtc, until_utc: untilUtc, how, sentence, reason: 'trajectories' };
    return [this.event(suspension, 'ended', untilUtc, detail)];
  }

  private tellEnd(ended: EndedSuspension): ConditionEvent[] {
    if (ended.untilUtc === this.toldEndUtc) return [];
    this.toldEndUtc = ended.untilUtc;
    const { kind, sinceUtc, untilUtc, how } = ended;
    const detail = { since_utc: sinceUtc, until_utc: untilUtc, how, sentence: endSentence(kind, how) };
    return [this.event({ kind }, 'ended', untilUtc, { ...detail, reason: 'picture' })];
  }

  private describe(suspension: Suspension): Record<string, unknown> {
    const { sinceUtc, shiftPx, turnDeg, zoom, hidden, ways } = suspension;
    const sentence = suspensionSentence(suspension, this.timezone);
    const since = { since_utc: sinceUtc, sentence };
    if (!ways) return { ...since, reason: 'picture', shift_px: shiftPx, turn_deg: turnDeg, zoom, hidden };
    const { offsetM, headingDeg, passes } = ways;
    return { ...since, reason: 'trajectories', offset_m: offsetM, heading_deg: headingDeg, passes };
  }

  private event(
    { kind, ways }: Pick<Suspension, 'kind' | 'ways'>,
    phase: 'began' | 'ended',
    tsUtc: number,
    detail: Record<string, unknown>,
  ): ConditionEvent {
    const type = TYPES[kind];
    const id = eventId(tsUtc, this.camera, ways ? `${type} by ways ${phase}` : `${type} ${phase}`, 0);
    return { type, id, camera: this.camera, ts_utc: tsUtc, detail: { phase, ...detail } };
  }
}
