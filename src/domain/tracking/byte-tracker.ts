/**
 * ByteTrack (Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022) with the
 * semantics of supervision 0.27, so that its tracks equal the reference's: everything is counted in frames. Pure state
 * machine; called by reference-tracks.ts. The live analyzer uses stopsign-tracker.ts, which is built on the same ideas.
 */
import type { Box } from '../types.ts';
import { assignWithin } from './assignment.ts';
import { type BoxFilter, filteredBox, openBoxFilter, predictBox, updateBox } from './box-filter.ts';
import { boxIou } from './box-overlap.ts';

export interface ByteTrackerOptions {
  /** Detections above it can begin a track (from 0.1 more on) and are associated first. */
  readonly activation: number;
  /** Highest cost (1 − IoU · score) of the first association. */
  readonly match: number;
  /** Steps in a row until a track counts. */
  readonly minimumConsecutive: number;
  /** How long a lost track is kept, in frames. */
  readonly lostBuffer: number;
  readonly firstId: number;
}

export const REFERENCE_OPTIONS: ByteTrackerOptions = {
  activation: 0.25,
  match: 0.8,
  minimumConsecutive: 1,
  lostBuffer: 30,
  firstId: 1,
};

export interface ScoredBox {
  readonly bbox: Box;
  readonly score: number;
}

export interface ByteTrack {
  /** Order of birth; unique within the tracker. */
  readonly birth: number;
  /** Given when the track counts; 0 before. */
  id: number;
  state: 'tracked' | 'lost' | 'removed';
  isActivated: boolean;
  readonly startStep: number;
  lastStep: number;
  lastTime: number;
  /** Updates in a row since birth or since it was found again. */
  streak: number;
  score: number;
  readonly filter: BoxFilter;
  /** Index of the detection that it was given in the last step, −1 = none. */
  detection: number;
}

const LOW_SCORE = 0.1;
const SECOND_LIMIT = 0.5;
const UNCONFIRMED_LIMIT = 0.7;
const DUPLICATE_COST = 0.05;

export class ByteTracker {
  readonly options: ByteTrackerOptions;
  nextId: number;
  /** Seen in the last step (confirmed or not) and lost ones. */
  tracked: ByteTrack[] = [];
  lost: ByteTrack[] = [];
  private expired: ByteTrack[] = [];
  private births = 0;
  private stepCount = 0;

  constructor(options: ByteTrackerOptions) {
    this.options = options;
    this.nextId = options.firstId;
  }

  /** Takes the detections of one frame; `time` is its number. Returns the tracks that count and were seen. */
  step(detections: readonly ScoredBox[], time: number): ByteTrack[] {
    const { activation, match } = this.options;
    this.stepCount++;
    const high: number[] = [];
    const low: number[] = [];
    detections.forEach((d, i) => {
      if (d.score > activation) high.push(i);
      else if (d.score > LOW_SCORE && d.score < activation) low.push(i);
    });
    const box = (i: number) => (detections[i] as ScoredBox).bbox;
    const score = (i: number) => (detections[i] as ScoredBox).score;
    for (const track of this.tracked) track.detection = -1;
    for (const track of this.lost) track.detection = -1;

    const unconfirmed = this.tracked.filter((t) => !t.isActivated);
    const pool = union(
      this.tracked.filter((t) => t.isActivated),
      this.lost,
    );
    for (const track of pool) predictBox(track.filter, 1, track.state === 'tracked');

    const seen: ByteTrack[] = [];
    const found: ByteTrack[] = [];
    const take = (track: ByteTrack, detection: number) => {
      if (track.state === 'tracked') {
        this.update(track, detection, box(detection), score(detection), time);
        seen.push(track);
      } else {
        this.revive(track, detection, box(detection), score(detection), time);
        found.push(track);
      }
    };

    // First association: confident detections against all that is known.
    const poolBoxes = pool.map((t) => filteredBox(t.filter));
    const fused = (boxes: readonly Box[], indices: readonly number[]) => (i: number, j: number) =>
      1 - boxIou(boxes[i] as Box, box(indices[j] as number)) * score(indices[j] as number);
    const first = assignWithin(pool.length, high.length, fused(poolBoxes, high), match);
    for (const [i, j] of first.pairs) take(pool[i] as ByteTrack, high[j] as number);

    // Second association: faint detections against what was seen last time and found no confident one.
    const second = first.freeRows.filter((i) => (pool[i] as ByteTrack).state === 'tracked');
    const faint = assignWithin(
      second.length,
      low.length,
      (i, j) => 1 - boxIou(poolBoxes[second[i] as number] as Box, box(low[j] as number)),
      SECOND_LIMIT,
    );
    for (const [i, j] of faint.pairs) take(pool[second[i] as number] as ByteTrack, low[j] as number);

    const freeHigh = first.freeColumns.map((j) => high[j] as number);
    const newlyLost = faint.freeRows.map((i) => pool[second[i] as number] as ByteTrack);
    for (const track of newlyLost) track.state = 'lost';

    // Tracks of one frame only: they count when seen a second time, else they are dropped.
    const unconfirmedBoxes = unconfirmed.map((t) => filteredBox(t.filter));
    const third = assignWithin(
      unconfirmed.length,
      freeHigh.length,
      fused(unconfirmedBoxes, freeHigh),
      UNCONFIRMED_LIMIT,
    );
    for (const [i, j] of third.pairs) take(unconfirmed[i] as ByteTrack, freeHigh[j] as number);
    const removed = third.freeRows.map((i) => unconfirmed[i] as ByteTrack);
    for (const track of removed) track.state = 'removed';

    const births = third.freeColumns.map((j) => freeHigh[j] as number);
    for (const d of births) {
      if (score(d) >= activation + 0.1) seen.push(this.begin(d, box(d), score(d), time));
    }
    for (const track of this.lost) {
      // A track found again in this very step has a fresh lastTime and stays.
      if (time - track.lastTime > this.options.lostBuffer) {
        track.state = 'removed';
        removed.push(track);
      }
    }

    this.tracked = union(
      union(
        this.tracked.filter((t) => t.state === 'tracked'),
        seen,
      ),
      found,
    );
    this.lost = without(this.lost, this.tracked).concat(newlyLost);
    // As in the reference, an expired track can still be found in the one step after.
    this.lost = without(this.lost, this.expired);
    this.expired = removed;
    this.removeDuplicates();
    return this.tracked.filter((t) => t.isActivated);
  }

  private begin(detection: number, bbox: Box, score: number, time: number): ByteTrack {
    const isFirst = this.stepCount === 1;
    return {
      birth: ++this.births,
      id: this.options.minimumConsecutive === 1 ? this.nextId++ : 0,
      state: 'tracked',
      isActivated: isFirst,
      startStep: this.stepCount,
      lastStep: this.stepCount,
      lastTime: time,
      streak: 0,
      score,
      filter: openBoxFilter(bbox),
      detection,
    };
  }

  private update(track: ByteTrack, detection: number, bbox: Box, score: number, time: number): void {
    this.correct(track, detection, bbox, score, time);
    track.streak++;
    if (track.streak === this.options.minimumConsecutive) {
      track.isActivated = true;
      if (track.id === 0) track.id = this.nextId++;
    }
  }

  private revive(track: ByteTrack, detection: number, bbox: Box, score: number, time: number): void {
    this.correct(track, detection, bbox, score, time);
    track.streak = 0;
  }

  private correct(track: ByteTrack, detection: number, bbox: Box, score: number, time: number): void {
    updateBox(track.filter, bbox);
    track.state = 'tracked';
    track.lastStep = this.stepCount;
    track.lastTime = time;
    track.score = score;
    track.detection = detection;
  }

  /** A lost track that lies exactly on a living one is the same object: the one with the longer life stays. */
  private removeDuplicates(): void {
    const dropTracked = new Set<ByteTrack>();
    const dropLost = new Set<ByteTrack>();
    const lostBoxes = this.lost.map((t) => filteredBox(t.filter));
    for (const a of this.tracked) {
      const boxA = filteredBox(a.filter);
      this.lost.forEach((b, k) => {
        if (1 - boxIou(boxA, lostBoxes[k] as Box) >= DUPLICATE_COST) return;
        if (a.lastStep - a.startStep > b.lastStep - b.startStep) dropLost.add(b);
        else dropTracked.add(a);
      });
    }
    if (dropTracked.size > 0) this.tracked = this.tracked.filter((t) => !dropTracked.has(t));
    if (dropLost.size > 0) this.lost = this.lost.filter((t) => !dropLost.has(t));
  }
}

function union(a: readonly ByteTrack[], b: readonly ByteTrack[]): ByteTrack[] {
  const seen = new Set<number>();
  const out: ByteTrack[] = [];
  for (const list of [a, b]) {
    for (const track of list) {
      if (seen.has(track.birth)) continue;
      seen.add(track.birth);
      out.push(track);
    }
  }
  return out;
}

function without(a: readonly ByteTrack[], b: readonly ByteTrack[]): ByteTrack[] {
  const gone = new Set(b.map((t) => t.birth));
  return a.filter((t) => !gone.has(t.birth));
}
