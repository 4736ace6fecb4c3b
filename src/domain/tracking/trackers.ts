/**
 * The trackers by name, behind one call: boxes of all frames in, an id for each box out. Called by `stopsign track` and
 * by measurements; the live analyzer uses the default tracker directly.
 */
import { followBoxes, type TimedBoxes } from './follow-boxes.ts';
import { ocSort } from './oc-sort.ts';
import { REFERENCE_PARAMETERS, type ReferenceParameters, referenceTracks } from './reference-tracks.ts';

export type { TimedBoxes } from './follow-boxes.ts';

export const TRACKERS = ['stopsign', 'bytetrack', 'ocsort'] as const;
export type TrackerName = (typeof TRACKERS)[number];

/** Track ids frame by frame: for each box its id, or −1. `parameters` are those of ByteTrack; the others have none. */
export function trackFrames(
  name: TrackerName,
  frames: Iterable<TimedBoxes>,
  parameters: Partial<ReferenceParameters> = {},
): Iterable<number[]> {
  if (name === 'stopsign') return followBoxes(frames);
  if (name === 'ocsort') return ocSort(frames);
  return referenceTracks(frames, { ...REFERENCE_PARAMETERS, ...parameters });
}
