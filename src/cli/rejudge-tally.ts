/** Counts of one run of `stopsign rejudge`: what became of the verdicts, of the scores and of the figures. No I/O. */
import type { RejudgedPass } from '../domain/evidence/rejudge-pass.ts';
import { type ScoredPass, type SiteScore, siteScore } from '../domain/score/site-score.ts';
import type { Interval, PassEvent, Verdict } from '../domain/types.ts';

export interface Flip {
  readonly old: PassEvent;
  readonly new: PassEvent;
}

/** The largest change of a figure among passes that keep their verdict; null where none had it before and after. */
export interface LargestShifts {
  readonly stoppedS: number | null;
  readonly minSpeed: { readonly value: number; readonly unit: string } | null;
  readonly stopDistanceM: number | null;
}

export interface CameraTally {
  /** How many of its passes were judged under which configuration before. */
  readonly from: Readonly<Record<string, number>>;
  /** Of all its passes that were asked for, those left alone included. */
  readonly before: SiteScore;
  readonly after: SiteScore;
}

export class RejudgeTally {
  judged = 0;
  /** Stored by a version that did not keep what they were judged on. */
  withoutEvidence = 0;
  /** Told as indeterminate because the camera had moved or was blocked: they stay so. */
  suspended = 0;
  /** Of cameras that the configuration does not know. */
  withoutSite = 0;
  /** Same verdict, other figures. */
  changed = 0;
  readonly flips: Flip[] = [];
  /** From which verdict to which, of those judged again. */
  readonly verdicts = new Map<Verdict, Map<Verdict, number>>();
  private readonly cameras = new Map<string, { from: Record<string, number>; old: ScoredPass[]; now: ScoredPass[] }>();
  private largest: LargestShifts = { stoppedS: null, minSpeed: null, stopDistanceM: null };

  /** @param again null: it was left alone */
  add(old: PassEvent, again: RejudgedPass | null): void {
    const now = again?.pass ?? old;
    const known = this.cameras.get(old.camera) ?? { from: {}, old: [], now: [] };
    this.cameras.set(old.camera, known);
    known.from[old.config_version] = (known.from[old.config_version] ?? 0) + 1;
    known.old.push(verdictOf(old));
    known.now.push(verdictOf(now));
    if (!again) return;
    this.judged++;
    const row = this.verdicts.get(old.verdict) ?? new Map<Verdict, number>();
    this.verdicts.set(old.verdict, row.set(now.verdict, (row.get(now.verdict) ?? 0) + 1));
    if (again.isFlipped) this.flips.push({ old, new: now });
    else if (again.isChanged) {
      this.changed++;
      this.shift(old, now);
    }
  }

  get shifts(): LargestShifts {
    return this.largest;
  }

  camera(name: string): CameraTally {
    const { from, old, now } = this.cameras.get(name) ?? { from: {}, old: [], now: [] };
    return { from, before: siteScore(old), after: siteScore(now) };
  }

  private shift(old: PassEvent, now: PassEvent): void {
    const { stoppedS, minSpeed, stopDistanceM } = this.largest;
    this.largest = {
      stoppedS: larger(stoppedS, old.stopped_s, now.stopped_s),
      minSpeed: largerSpeed(minSpeed, old.min_speed, now.min_speed),
      stopDistanceM: larger(stopDistanceM, old.stop_distance_m, now.stop_distance_m),
    };
  }
}

/** All that a site's score asks of a pass. */
function verdictOf({ verdict, forced }: PassEvent): ScoredPass {
  return { verdict, forced, stoppedS: null, minSpeedKmh: null };
}

/** Of two units the first that is met is kept. */
function largerSpeed(most: LargestShifts['minSpeed'], old: PassEvent['min_speed'], now: PassEvent['min_speed']) {
  const unit = most?.unit ?? now?.unit;
  if (!now || unit === undefined || now.unit !== unit || old?.unit !== unit) return most;
  return { value: larger(most?.value ?? null, old, now) ?? 0, unit };
}

function larger(most: number | null, old: Interval | null, now: Interval | null): number | null {
  return old && now ? Math.max(most ?? 0, Math.abs(now.value - old.value)) : most;
}
