/**
 * The times in which a camera sent pictures of another shape than the calibrated one. The boxes of such a picture lie
 * somewhere else on the street, and nobody can say where; but since the sizes say it all, such a time begins with the first
 * of these pictures, ends before the next of the right shape, and no admin has to be asked. Part of ViewTrust, and so of
 * the analyzer's state; changed in place.
 */
import { eventId } from '../event-id.ts';
import type { ConditionEvent, PassEvent } from '../types.ts';
import { isOfShape, type PictureSize } from './picture-shape.ts';
import { SHAPE_END_SENTENCE, shapeSentence } from './view-words.ts';

/** Past ones, for vehicles that were in view then. */
const KEPT = 20;
/** Seen last so shortly before the last picture of the right shape, and not seen to drive off: it was lost by the change. */
const LOST_BY_IT_S = 1;
/** A camera that begins another session is away for a moment; of longer absences the outage is what is to be told. */
const CHANGE_TAKES_S = 10;

/** UTC seconds of capture. */
export interface ShapeSpan {
  /** The first picture of another shape. */
  readonly sinceUtc: number;
  /** The first of the right one again; null: it lasts. */
  readonly untilUtc: number | null;
  /** Who was in view then and came to no end may have been lost by the change. */
  readonly lostFromUtc: number;
  readonly sentence: string;
}

export class ShapeWatch {
  private readonly camera: string;
  private readonly timezone: string;
  private spans: ShapeSpan[] = [];
  private lastUtc = Number.NEGATIVE_INFINITY;

  constructor(camera: string, timezone: string) {
    this.camera = camera;
    this.timezone = timezone;
  }

  get present(): ShapeSpan | null {
    const last = this.spans.at(-1);
    return last?.untilUtc === null ? last : null;
  }

  /** Takes the size of a picture. */
  see(picture: PictureSize, calibrated: PictureSize, nowUtc: number): ConditionEvent[] {
    const { present, lastUtc } = this;
    this.lastUtc = nowUtc;
    if (isOfShape(picture, calibrated)) return present ? [this.end(present, nowUtc)] : [];
    // A clock that was set back does not end it.
    const sinceUtc = Math.min(present?.sinceUtc ?? nowUtc, nowUtc);
    const sentence = shapeSentence({ sinceUtc, picture, calibrated }, this.timezone);
    const before = present ? this.spans.slice(0, -1) : this.spans;
    const edgeUtc = nowUtc - lastUtc <= CHANGE_TAKES_S ? lastUtc : nowUtc;
    const lostFromUtc = Math.min(present?.lostFromUtc ?? edgeUtc - LOST_BY_IT_S, sinceUtc);
    this.spans = [...before.slice(1 - KEPT), { sinceUtc, untilUtc: null, lostFromUtc, sentence }];
    if (present) return [];
    const sizes = {
      size: [picture.width, picture.height],
      calibrated_size: [calibrated.width, calibrated.height],
    };
    return [this.event('began', sinceUtc, { since_utc: sinceUtc, sentence, ...sizes })];
  }

  /** Those that a pass has to do with. @param sinceUtc when its vehicle was first seen */
  concerning({ exited_utc, complete }: PassEvent, sinceUtc: number): ShapeSpan[] {
    return this.spans.filter(
      (span) => (complete ? span.sinceUtc : span.lostFromUtc) <= exited_utc && lasts(span, sinceUtc),
    );
  }

  overlapping(fromUtc: number, toUtc: number): ShapeSpan[] {
    return this.spans.filter((span) => span.sinceUtc <= toUtc && lasts(span, fromUtc));
  }

  private end(span: ShapeSpan, nowUtc: number): ConditionEvent {
    this.spans = [...this.spans.slice(0, -1), { ...span, untilUtc: nowUtc }];
    const { sinceUtc } = span;
    const detail = { since_utc: sinceUtc, until_utc: nowUtc, how: 'by_itself', sentence: SHAPE_END_SENTENCE };
    return this.event('ended', nowUtc, detail);
  }

  private event(phase: 'began' | 'ended', tsUtc: number, detail: Record<string, unknown>): ConditionEvent {
    const type = 'picture_reshaped';
    const id = eventId(tsUtc, this.camera, `${type} ${phase}`, 0);
    return { type, id, camera: this.camera, ts_utc: tsUtc, detail: { phase, ...detail, reason: 'size' } };
  }
}

function lasts({ untilUtc }: ShapeSpan, utc: number): boolean {
  return untilUtc === null || untilUtc > utc;
}
