/**
 * One object as the default tracker follows it: the filter for the next frame, the boxes of the last moments for where it
 * may be after a gap, and its place when it stands. Belongs to stopsign-tracker.ts.
 */
import type { Box } from '../types.ts';
import { type BoxFilter, filteredBox, haltBox, openBoxFilter, predictBox, updateBox } from './box-filter.ts';

interface Glimpse {
  readonly time: number;
  readonly box: Box;
}

/** What a standing object is known by after a restart. */
export interface RestingPlace {
  readonly id: number;
  readonly box: Box;
  readonly isParked: boolean;
}

/** The filter's noise is tuned per frame of a 30 fps video: that is its step. */
const FILTER_STEPS_PER_S = 30;
const MAX_FILTER_STEPS = 90;
const GLIMPSES_S = 1.2;
/** The last boxes before an object is hidden are cut off: its motion is taken from those before. */
const PARTS = 3;

export class FollowedTrack {
  /** Order of birth; unique within the tracker. */
  readonly birth: number;
  /** Given when the track counts; 0 before. */
  id = 0;
  readonly firstTime: number;
  lastTime: number;
  /** Boxes taken since birth. */
  count = 1;
  score: number;
  /** Index of the detection that it was given in the last step, −1 = none. */
  detection: number;
  /** Where it stands, which it keeps while out of sight; null while it moves. Set by the owner. */
  place: Box | null = null;
  /** Stands for long, and is remembered for longer. Set by the owner. */
  isParked = false;
  /** It turned out to be a part of another object, which goes on. */
  isPart = false;
  private readonly filter: BoxFilter;
  private filterTime: number;
  private readonly glimpses: Glimpse[] = [];

  constructor(birth: number, detection: number, box: Box, score: number, time: number) {
    this.birth = birth;
    this.detection = detection;
    this.firstTime = time;
    this.lastTime = time;
    this.score = score;
    this.filter = openBoxFilter(box);
    this.filterTime = time;
    this.glimpses.push({ time, box });
  }

  /** As seen last. */
  get box(): Box {
    return (this.glimpses.at(-1) as Glimpse).box;
  }

  /** As seen when it was seen first; of a long track, as seen a second ago. */
  get earliest(): { readonly time: number; readonly box: Box } {
    return this.glimpses[0] as Glimpse;
  }

  get isStanding(): boolean {
    return this.place !== null;
  }

  get filtered(): Box {
    return filteredBox(this.filter);
  }

  predict(time: number, isSeen: boolean): void {
    const steps = Math.min(MAX_FILTER_STEPS, (time - this.filterTime) * FILTER_STEPS_PER_S);
    this.filterTime = time;
    if (!isSeen && this.isStanding) return;
    predictBox(this.filter, steps, isSeen);
  }

  take(detection: number, box: Box, score: number, time: number): void {
    updateBox(this.filter, box);
    this.detection = detection;
    this.lastTime = time;
    this.score = score;
    this.count++;
    this.glimpses.push({ time, box });
    while (this.glimpses.length > 2 && time - (this.glimpses[0] as Glimpse).time > GLIMPSES_S) this.glimpses.shift();
  }

  /** Out of sight: what stands stays where it is. */
  hide(): void {
    if (this.isStanding) haltBox(this.filter);
  }

  /**
   * Where its motion before it was lost would have brought it, from the middles of the first and the middle third of
   * what was seen; null when that was too short to tell a motion.
   */
  carriedOn(time: number): Box | null {
    const { glimpses } = this;
    const part = Math.floor(glimpses.length / PARTS);
    if (part < 1) return null;
    const a = meanOf(glimpses.slice(0, part));
    const b = meanOf(glimpses.slice(part, 2 * part));
    const between = b.time - a.time;
    if (between < 0.1) return null;
    const last = glimpses.at(-1) as Glimpse;
    const gone = (time - last.time) / between;
    const dx = ((b.box[0] + b.box[2] - a.box[0] - a.box[2]) / 2) * gone;
    const dy = ((b.box[1] + b.box[3] - a.box[1] - a.box[3]) / 2) * gone;
    const [x1, y1, x2, y2] = last.box;
    return [x1 + dx, y1 + dy, x2 + dx, y2 + dy];
  }
}

function meanOf(glimpses: readonly Glimpse[]): { time: number; box: Box } {
  const mean = (of: (glimpse: Glimpse) => number) => glimpses.reduce((sum, g) => sum + of(g), 0) / glimpses.length;
  return {
    time: mean((g) => g.time),
    box: [mean((g) => g.box[0]), mean((g) => g.box[1]), mean((g) => g.box[2]), mean((g) => g.box[3])],
  };
}
