/**
 * Whether a verdict may be trusted, from what the view watch found: passes that overlap a time in which the camera had
 * moved or was blocked come out indeterminate, and each such time is told when it begins and when it ends. Used by the
 * analyzer, whose state it is part of; changed in place. Everything it needs comes with the findings, so that a successor
 * that knows nothing suspends verdicts at the first of them, and its events have the same ids.
 */
import { eventId } from '../event-id.ts';
import type { ConditionEvent, PassEvent } from '../types.ts';
import type { EndedSuspension, Suspension, SuspensionKind, ViewFinding } from './view-finding.ts';
import { DOUBT_SENTENCE, endSentence, suspensionSentence } from './view-words.ts';

const TYPES = { moved: 'camera_moved', blocked: 'view_blocked' } as const satisfies Record<SuspensionKind, string>;
/** Past ones, for vehicles that were in view then. */
const KEPT = 20;
/** An end is told by a successor too, but not for ever. */
const TELL_END_S = 60;

/** The suspension that lasts, for people. */
export interface PresentSuspension {
  readonly kind: SuspensionKind;
  readonly sinceUtc: number;
  readonly sentence: string;
}

type Suspended = NonNullable<PassEvent['suspended']>;

function withheld(pass: PassEvent, reason: string, suspended: Suspended): PassEvent {
  return { ...pass, verdict: 'indeterminate', reason, suspended };
}

/** A pass judged again stays without verdict, and without the values that could not be right, when it was live. */
export function withheldAs(stored: PassEvent, pass: PassEvent): PassEvent {
  if (!stored.suspended) return pass;
  const told = withheld(pass, stored.reason, stored.suspended);
  if (stored.suspended !== 'moved') return told;
  const { encroached, stopped_s, min_speed, min_speed_utc, approach_speed, stop_distance_m } = stored;
  return { ...told, encroached, stopped_s, min_speed, min_speed_utc, approach_speed, stop_distance_m };
}

interface Span {
  readonly suspension: Suspension;
  untilUtc: number | null;
}

export class ViewTrust {
  private readonly camera: string;
  private readonly timezone: string;
  private spans: Span[] = [];
  private isDoubtful = false;
  private toldEndUtc = 0;

  constructor(camera: string, timezone: string) {
    this.camera = camera;
    this.timezone = timezone;
  }

  get present(): PresentSuspension | null {
    const open = this.spans.find(({ untilUtc }) => untilUtc === null);
    if (!open) return null;
    const { kind, sinceUtc } = open.suspension;
    return { kind, sinceUtc, sentence: suspensionSentence(open.suspension, this.timezone) };
  }

  see(finding: ViewFinding, nowUtc: number): ConditionEvent[] {
    const events: ConditionEvent[] = [];
    const { state, suspension = null, ended } = finding;
    this.isDoubtful = state === 'doubtful';
    const open = this.spans.find(({ untilUtc }) => untilUtc === null);
    if (open && (suspension === null || suspension.kind !== open.suspension.kind)) {
      const { kind, sinceUtc } = open.suspension;
      open.untilUtc = nowUtc;
      // Without word of how: whoever watched was replaced by one that sees nothing wrong.
      const isTold = ended !== undefined && ended.kind === kind && ended.sinceUtc === sinceUtc;
      events.push(...this.tellEnd(isTold ? ended : { kind, sinceUtc, untilUtc: nowUtc, how: 'by_itself' }));
    } else if (!open && ended && Math.abs(nowUtc - ended.untilUtc) < TELL_END_S) {
      events.push(...this.tellEnd(ended));
    }
    const known = this.spans.find(({ untilUtc }) => untilUtc === null);
    if (suspension && !known) {
      this.spans = [...this.spans, { suspension, untilUtc: null }].slice(-KEPT);
      events.push(this.event(suspension.kind, 'began', suspension.sinceUtc, this.describe(suspension)));
    } else if (suspension && known) {
      this.spans = this.spans.map((span) => (span === known ? { suspension, untilUtc: null } : span));
    }
    return events;
  }

  /**
   * The pass as it may be told. Without calibration nothing that is in metres can be right; how long the vehicle stood
   * can, unless the camera moved meanwhile. A blocked view leaves the measured values as they are.
   * @param sinceUtc when the vehicle was first seen
   */
  judge(pass: PassEvent, sinceUtc: number): PassEvent {
    const span = this.spans.findLast(({ untilUtc }) => untilUtc === null || untilUtc >= sinceUtc);
    // The present one counts from its beginning on, whatever was seen before it was found out.
    const overlaps = span && span.suspension.sinceUtc <= pass.exited_utc;
    if (!overlaps) return this.isDoubtful ? withheld(pass, DOUBT_SENTENCE, 'doubtful') : pass;
    const { suspension } = span;
    const told = withheld(pass, suspensionSentence(suspension, this.timezone), suspension.kind);
    if (suspension.kind === 'blocked') return told;
    const hasJumped = suspension.sinceUtc >= sinceUtc || (span.untilUtc !== null && span.untilUtc <= pass.exited_utc);
    return {
      ...told,
      encroached: false,
      stopped_s: hasJumped ? null : pass.stopped_s,
      min_speed: null,
      min_speed_utc: null,
      approach_speed: null,
      stop_distance_m: null,
    };
  }

  private tellEnd(ended: EndedSuspension): ConditionEvent[] {
    if (ended.untilUtc === this.toldEndUtc) return [];
    this.toldEndUtc = ended.untilUtc;
    const { kind, sinceUtc, untilUtc, how } = ended;
    const detail = { since_utc: sinceUtc, until_utc: untilUtc, how, sentence: endSentence(kind, how) };
    return [this.event(kind, 'ended', untilUtc, detail)];
  }

  private describe(suspension: Suspension): Record<string, unknown> {
    const { sinceUtc, shiftPx, turnDeg, zoom, hidden } = suspension;
    const sentence = suspensionSentence(suspension, this.timezone);
    return { since_utc: sinceUtc, shift_px: shiftPx, turn_deg: turnDeg, zoom, hidden, sentence };
  }

  private event(
    kind: SuspensionKind,
    phase: 'began' | 'ended',
    tsUtc: number,
    detail: Record<string, unknown>,
  ): ConditionEvent {
    const type = TYPES[kind];
    const id = eventId(tsUtc, this.camera, `${type} ${phase}`, 0);
    return { type, id, camera: this.camera, ts_utc: tsUtc, detail: { phase, ...detail } };
  }
}
