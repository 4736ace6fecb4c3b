/**
 * Vehicles that have stood in one place for long: parked ones are part of an empty road. Pure; asked by the motion gate
 * with what the model found, frame after frame.
 */
import { boxIou } from '../../domain/tracking/box-overlap.ts';
import type { Box } from '../../domain/types.ts';

/** Whoever waits at a stop line has driven off by then, or is seen to. */
const PARKED_AFTER_US = 20_000_000;
/** Two boxes that overlap so much show the same vehicle in the same place. */
const SAME_PLACE = 0.7;
/** A place where nothing was seen for so long is free again. */
const FORGOTTEN_AFTER_US = 5_000_000;
const MOST_PLACES = 64;

interface Place {
  readonly box: Box;
  readonly sinceUs: number;
  lastUs: number;
}

export class StillBoxes {
  private places: Place[] = [];

  /** True while any of the boxes has not been where it is for long. @param tsUs capture time, ascending */
  hasNews(boxes: readonly Box[], tsUs: number): boolean {
    this.places = this.places.filter(({ sinceUs, lastUs }) => tsUs >= sinceUs && tsUs - lastUs < FORGOTTEN_AFTER_US);
    let hasNews = false;
    for (const box of boxes) {
      const place = this.places.find((known) => boxIou(known.box, box) >= SAME_PLACE);
      if (place) place.lastUs = tsUs;
      else if (this.places.length < MOST_PLACES) this.places.push({ box, sinceUs: tsUs, lastUs: tsUs });
      hasNews ||= !place || tsUs - place.sinceUs < PARKED_AFTER_US;
    }
    return hasNews;
  }
}
