/**
 * The project's own tracker: ByteTrack's association of every detection box (byte-tracker.ts), made for a camera that
 * stands still and watches vehicles that stand. Everything is in seconds. What ByteTrack lacks: a standing vehicle is
 * known by its place, keeps it while hidden, and nobody who drives past carries its id off; a moving vehicle that was lost
 * is found again where its motion would have brought it. Pure state machine; called by site-analyzer.ts and by
 * follow-boxes.ts.
 */
import type { Box } from '../types.ts';
import { assignWithin } from './assignment.ts';
import { compareBoxes } from './box-order.ts';
import { boxIou } from './box-overlap.ts';
import type { ScoredBox } from './byte-tracker.ts';
import { FollowedTrack, type RestingPlace } from './followed-track.ts';
import { coveredShare, isPart } from './part-of.ts';
import { stitchCost } from './stitch.ts';

export interface StopsignTrackerOptions {
  readonly firstId: number;
}

/**
 * Whether a box may be a track's next one, by the way on the road between them: from 0 = as expected to 1; above: it
 * cannot be; null = no telling.
 */
export type RoadCost = (track: FollowedTrack, detection: number) => number | null;

/** Detections above it are associated first; from 0.1 more on they can begin a track. */
const CONFIDENT = 0.25;
const BEGIN = 0.35;
const FAINT = 0.1;
/** Highest cost (1 − IoU · score) of the first association. */
const MATCH_LIMIT = 0.8;
/** Least overlap with boxes that are left, the faint ones among them, and what the overlap of those is worth. */
const FAINT_WEIGHT = 0.6;
const FAINT_IOU = 0.5;
const UNCONFIRMED_LIMIT = 0.7;
/** Boxes grow by this share on each side in the second look for small, fast objects. */
const SECOND_LOOK_GROW = 0.3;
const SECOND_LOOK_LIMIT = 0.8;
/** What stands takes only boxes that overlap its place at least so much. */
const PLACE_IOU = 0.5;
/** A box that nobody else claims may show it in part, or just as it drives off. */
const PART_IOU = 0.35;
/** Who was seen last time has the first claim on a box that two could have. */
const LOST_WEIGHT = 0.7;
/** How long what is out of sight is remembered: moving, standing, standing for long, or hidden by what is in front. */
const LOST_S = 3;
/** While frames are far apart: a few of them. */
const LOST_RARELY_S = 6;
const LOST_COST = 0.15;
/** So long the filter knows where something is; after that only its way says where it may be. */
const FILTER_HOLDS_S = 1;
const LOST_STANDING_S = 30;
const LOST_PARKED_S = 600;
const LOST_HIDDEN_S = 300;
/** So much of its place covered by other vehicles explains why it is not seen. */
const COVERED = 0.4;
/** For so long two tracks may be parts of one vehicle, and so much they overlap then. */
const PARTED_S = 1;
const PARTED_IOU = 0.5;
const SAME_OBJECT_IOU = 0.95;
const SAME_PLACE_IOU = 0.7;

export class StopsignTracker {
  nextId: number;
  /** Seen in the last step, confirmed or not. */
  seen: FollowedTrack[] = [];
  /** Out of sight. */
  lost: FollowedTrack[] = [];
  /** Given up in the last step though frames were far apart: seen once only, so that they never counted. */
  unsure: FollowedTrack[] = [];
  private births = 0;
  private isFirst = true;

  constructor({ firstId }: StopsignTrackerOptions) {
    this.nextId = firstId;
  }

  /**
   * Vehicles that stood when the tracker's predecessor ended: looked for at their places from `time` on, as if they had
   * been seen then. Before the first step.
   */
  recall(places: readonly RestingPlace[], time: number): FollowedTrack[] {
    return places.map(({ id, box, isParked }) => {
      const track = new FollowedTrack(++this.births, -1, box, 1, time);
      Object.assign(track, { id, isParked, place: box });
      this.lost.push(track);
      return track;
    });
  }

  /** Nobody looked for so long that the motion of those tracks tells nothing of where they are: they are not looked for. */
  forget(isGone: (track: FollowedTrack) => boolean): void {
    this.seen = this.seen.filter((track) => !isGone(track));
    this.lost = this.lost.filter((track) => !isGone(track));
  }

  /** `track` is `before`, which was lost: it gets its number, and `before` is looked for no more. */
  rejoin(track: FollowedTrack, before: FollowedTrack): void {
    track.id = before.id;
    this.lost = this.lost.filter((lost) => lost !== before);
  }

  /**
   * Takes the detections of one frame; returns the tracks that count and were seen.
   * @param time seconds, ascending
   * @param road for a frame so long after the one before that the boxes of a vehicle need not overlap: who moves is
   * followed by it then
   */
  step(detections: readonly ScoredBox[], time: number, road?: RoadCost): FollowedTrack[] {
    const box = (i: number) => (detections[i] as ScoredBox).bbox;
    const score = (i: number) => (detections[i] as ScoredBox).score;
    let free: number[] = [];
    const faint: number[] = [];
    const order = [...detections.keys()].sort((i, j) =>
      compareBoxes(detections[i] as ScoredBox, detections[j] as ScoredBox),
    );
    for (const i of order) {
      if (score(i) > CONFIDENT) free.push(i);
      else if (score(i) > FAINT) faint.push(i);
    }
    for (const track of this.seen) track.predict(time, true);
    for (const track of this.lost) track.predict(time, false);
    for (const track of [...this.seen, ...this.lost]) track.detection = -1;

    const found: FollowedTrack[] = [];
    /** One look: pairs tracks with detections, takes the pairs, returns the tracks left over. */
    const look = (
      tracks: readonly FollowedTrack[],
      among: readonly number[],
      cost: Cost,
      limit: number,
    ): FollowedTrack[] => {
      const priced = road ? withinReach(cost, road) : cost;
      const { pairs, freeRows } = assignWithin(
        tracks.length,
        among.length,
        (i, j) => priced(tracks[i] as FollowedTrack, among[j] as number),
        limit,
      );
      const taken = new Set<number>();
      for (const [i, j] of pairs) {
        const track = tracks[i] as FollowedTrack;
        const detection = among[j] as number;
        track.take(detection, box(detection), score(detection), time);
        taken.add(detection);
        found.push(track);
      }
      free = free.filter((d) => !taken.has(d));
      return freeRows.map((i) => tracks[i] as FollowedTrack);
    };

    const filtered = new Map<FollowedTrack, Box>();
    for (const track of [...this.seen, ...this.lost]) filtered.set(track, track.filtered);
    const overlap = (track: FollowedTrack, d: number) => {
      const moved = boxIou(filtered.get(track) as Box, box(d));
      return track.place ? Math.max(moved, boxIou(track.place, box(d))) : moved;
    };
    const isLost = new Set(this.lost);
    const fused = (track: FollowedTrack, d: number) => {
      const iou = overlap(track, d);
      if (track.isStanding && iou < PLACE_IOU) return 1;
      return 1 - iou * score(d) * (track.isStanding && isLost.has(track) ? LOST_WEIGHT : 1);
    };

    const counting = this.seen.filter((t) => t.id !== 0);
    const isLongGone = (t: FollowedTrack) => !t.isStanding && time - t.lastTime > FILTER_HOLDS_S;
    const near = this.lost.filter((t) => !isLongGone(t));
    const byRoad = (t: FollowedTrack, d: number) => road?.(t, d) ?? 2;
    // Frames far apart: who stands is looked for at its place, then all, where the road can have brought them.
    const atPlace = [...counting, ...near].filter((t) => !road || t.isStanding);
    let unmatched = look(atPlace, free, fused, MATCH_LIMIT);
    let dropped = this.seen.filter((t) => t.id === 0);
    let longGone = this.lost.filter(isLongGone);
    if (road) {
      const isAway = new Set(unmatched);
      const isOpen = (t: FollowedTrack) => !t.isStanding || isAway.has(t);
      const mayHaveGone = (t: FollowedTrack) => !t.isStanding || time - t.lastTime <= LOST_RARELY_S;
      // Who was seen in the last frame comes before who has not been since.
      const cost = (t: FollowedTrack, d: number) =>
        (mayHaveGone(t) ? byRoad(t, d) : 2) + (isLost.has(t) ? LOST_COST : 0);
      const left = look([...this.seen, ...this.lost].filter(isOpen), free, cost, 1);
      dropped = left.filter((t) => t.id === 0);
      longGone = left.filter((t) => t.id !== 0 && isLongGone(t));
      unmatched = left.filter((t) => t.id !== 0 && !isLongGone(t));
    }
    const hidden = unmatched.filter((t) => isLost.has(t) && t.isStanding);
    let gone = [...unmatched.filter((t) => isLost.has(t) && !t.isStanding), ...longGone];
    let missing = unmatched.filter((t) => !isLost.has(t));
    // By place alone, whatever the score: a box that was read poorly is no worse than a faint one.
    const isFaint = new Set(faint);
    const byPlace = (track: FollowedTrack, d: number) => {
      const iou = overlap(track, d);
      if (isFaint.has(d)) return iou < FAINT_IOU ? 1 : 1 - iou * FAINT_WEIGHT;
      return iou < (track.isStanding ? PART_IOU : FAINT_IOU) ? 1 : 1 - iou;
    };
    missing = look(missing, [...free, ...faint], byPlace, 1 - Math.min(PART_IOU, FAINT_IOU * FAINT_WEIGHT));
    const standing = missing.filter((t) => t.isStanding);
    missing = look(
      missing.filter((t) => !t.isStanding),
      free,
      (t, d) => 1 - boxIou(filtered.get(t) as Box, box(d), SECOND_LOOK_GROW),
      SECOND_LOOK_LIMIT,
    );
    // What stood here and was hidden or misread for a while is still standing here.
    missing.push(...look(standing, free, (t, d) => 1 - overlap(t, d), 1 - PLACE_IOU));
    missing = look(missing, free, (t, d) => (t.isStanding ? 1 - overlap(t, d) : 1), 1 - PART_IOU);
    const stillHidden = look(hidden, free, (t, d) => 1 - overlap(t, d), 1 - PLACE_IOU);
    const known = [...found, ...missing, ...stillHidden.filter((t) => time - t.lastTime <= LOST_S)];
    free = free.filter((d) => !isPart(box(d), known, found));
    // What was lost while it moved has gone on.
    gone = look(gone, free, (t, d) => stitchCost(t, box(d), time), 1);

    // Seen once only: it counts when seen again, else it is dropped.
    dropped = look(dropped, free, fused, UNCONFIRMED_LIMIT);
    dropped = look(
      dropped,
      free,
      (t, d) => 1 - boxIou(filtered.get(t) as Box, box(d), SECOND_LOOK_GROW),
      SECOND_LOOK_LIMIT,
    );
    for (const track of found) {
      if (track.id === 0) track.id = this.nextId++;
    }
    for (const d of free) {
      if (score(d) < BEGIN) continue;
      const track = new FollowedTrack(++this.births, d, box(d), score(d), time);
      if (this.isFirst) track.id = this.nextId++;
      found.push(track);
    }
    this.isFirst = false;
    // Frames so far apart show no parts, but the next vehicle where the last one was.
    if (!road) {
      missing = missing.filter((track) => !this.takesOver(track, found, filtered.get(track) as Box, time, score));
    }
    for (const track of missing) track.hide();
    this.seen = found.sort((a, b) => a.birth - b.birth);
    // Of few frames each counts: one that misses a vehicle does not undo the only one before.
    if (road) gone.push(...dropped);
    const away = [...gone, ...stillHidden, ...missing];
    this.lost = away.filter((track) => this.isRemembered(track, time, road ? LOST_RARELY_S : LOST_S));
    this.unsure = away.filter((track) => track.id === 0 && !this.lost.includes(track));
    this.dropDuplicates();
    return this.seen.filter((t) => t.id !== 0);
  }

  /**
   * A vehicle that drives out from behind a pole is read in two parts for a moment, and the second one began a track:
   * when the first is lost where that newcomer is, both were one, and the older goes on.
   */
  private takesOver(
    track: FollowedTrack,
    found: FollowedTrack[],
    expected: Box,
    time: number,
    score: (detection: number) => number,
  ): boolean {
    if (track.isStanding || time - track.firstTime < PARTED_S) return false;
    const k = found.findIndex(
      (other) =>
        other.id !== 0 &&
        other.birth > track.birth &&
        other.count > 1 &&
        time - other.firstTime <= PARTED_S &&
        boxIou(expected, other.box) > PARTED_IOU,
    );
    const other = found[k];
    if (!other) return false;
    track.take(other.detection, other.box, score(other.detection), time);
    other.isPart = true;
    found[k] = track;
    return true;
  }

  private isRemembered(track: FollowedTrack, time: number, lostS: number): boolean {
    const away = time - track.lastTime;
    if (!track.isStanding) return away <= lostS;
    if (away <= (track.isParked ? LOST_PARKED_S : LOST_STANDING_S)) return true;
    const place = track.place ?? track.box;
    return away <= LOST_HIDDEN_S && this.seen.some((other) => coveredShare(place, other.box) > COVERED);
  }

  /** Two objects cannot be in the same place: a lost one that lies exactly on one that is seen is forgotten. */
  private dropDuplicates(): void {
    this.lost = this.lost.filter((lost) => {
      const { place } = lost;
      if (place) return !this.seen.some((seen) => seen.place && boxIou(seen.place, place) > SAME_PLACE_IOU);
      const box = lost.filtered;
      return !this.seen.some((seen) => boxIou(seen.filtered, box) > SAME_OBJECT_IOU);
    });
  }
}

type Cost = (track: FollowedTrack, detection: number) => number;

/** Who moves is not where the road says that it cannot be, whatever its box overlaps. */
function withinReach(cost: Cost, road: RoadCost): Cost {
  return (track, d) => (track.isStanding || (road(track, d) ?? 0) <= 1 ? cost(track, d) : Number.POSITIVE_INFINITY);
}
