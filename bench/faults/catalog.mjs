/**
 * Every fault that the benchmark injects.
 *   ends    the process that this fault ends
 *   lasts   it is there for `seconds`, and nothing the house could do ends it sooner: recovery counts from its end
 *   dies    it ends with the thread that has it: recovery counts from when that is noticed
 */
export const FAULTS = [
  // What the same count of passes says when nothing is done: the demo's laps are not all alike to the detector.
  { room: 'nothing', kind: 'nothing' },
  { room: 'inference', kind: 'throw' },
  { room: 'inference', kind: 'kill' },
  { room: 'inference', kind: 'hang' },
  { room: 'inference', kind: 'mute' },
  { room: 'inference', kind: 'swallow' },
  { room: 'inference', kind: 'corrupt' },
  { room: 'inference', kind: 'leak', dies: true },
  { room: 'inference', kind: 'slow', factor: 25, seconds: 12, lasts: true },
  { room: 'tracker:demo', kind: 'throw' },
  { room: 'tracker:demo', kind: 'kill' },
  { room: 'tracker:demo', kind: 'hang' },
  { room: 'tracker:demo', kind: 'swallow' },
  { room: 'decoder:demo', kind: 'kill' },
  { room: 'decoder:demo', kind: 'hang' },
  { room: 'decoder:demo', kind: 'swallow', seconds: 30 },
  { room: 'persister', kind: 'kill' },
  { room: 'persister', kind: 'hang' },
  { room: 'persister', kind: 'descriptors', seconds: 5, lasts: true },
  { room: 'gateway', kind: 'kill' },
  { room: 'gateway', kind: 'throw' },
  { room: 'supervisor', kind: 'clock', factor: 10, seconds: 5, lasts: true },
  { room: 'inference', kind: 'hang-native', ends: 'analyzer' },
  { room: 'gateway', kind: 'hang', ends: 'analyzer' },
  { room: 'supervisor', kind: 'hang', ends: 'analyzer' },
  { room: 'analyzer', kind: 'kill', ends: 'analyzer' },
  { room: 'analyzer', kind: 'hang', ends: 'analyzer', seconds: 60 },
  { room: 'hub', kind: 'kill', ends: 'hub' },
  { room: 'hub', kind: 'hang', ends: 'hub', seconds: 60 },
  { room: 'camera', kind: 'kill', ends: 'camera' },
  { room: 'camera', kind: 'hang', seconds: 8, lasts: true },
  // A picture counts as frozen after a minute.
  { room: 'camera', kind: 'freeze', seconds: 65, lasts: true },
  { room: 'camera', kind: 'garbage', seconds: 8, lasts: true },
  { room: 'camera', kind: 'resize', seconds: 8, lasts: true },
  { room: 'postgres', kind: 'stop', ends: 'postgres', seconds: 20, lasts: true },
];

/** Ends of one process are so far apart: the launcher then takes each for the first. */
export const APART_MS = 28_000;

export const nameOf = ({ room, kind }) => `${room} ${kind}`;

/** @param words `inference`, or `inference hang,camera kill`: beginnings of names; empty: all */
export function chosen(words) {
  const starts = words.split(',').map((word) => word.trim());
  return FAULTS.filter((fault) => starts.some((start) => nameOf(fault).startsWith(start)));
}
