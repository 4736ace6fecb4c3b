/**
 * The accounts of a frame ring: how many pictures went which way, exact at any time, and what a thread that was killed
 * between two stores left unbooked. The order of the stores in frame-ring.ts is such that what is missing tells what had
 * happened.
 */
import { type FrameRingCounts, READER_COUNT, WRITER_COUNT } from './frame-ring-layout.ts';
import type { RingEnd } from './ring-end.ts';
import type { RingLane } from './ring-lane.ts';
import type { EndName } from './ring-layout.ts';

type Ends = Readonly<Record<EndName, RingEnd>>;
type Looked = [number, number, number, number, number, number, number, number];

/** Of cells that two threads keep changing: frames come by the hundred a second, so the second look mostly settles it. */
const LOOKS = 1_000;

/**
 * Looks until two looks agree, and reads what stands between two stores for what it is.
 * @param initial the ring's first sequence number
 */
export function countFrames(ends: Ends, initial: number): FrameRingCounts {
  let cells = look(ends);
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const again = look(ends);
    const isSettled = again.every((value, i) => value === cells[i]);
    cells = again;
    if (isSettled) break;
  }
  const [read, written, offered, counted, dropped, aborted, consumed, skipped] = cells;
  const committed = counted + ahead(written, counted, initial);
  const open = offered - committed - dropped - aborted;
  const readAhead = ahead(read, consumed + skipped, initial);
  return {
    offered: offered + Math.max(0, -open),
    committed,
    dropped,
    aborted,
    claimed: Math.max(0, open),
    consumed: consumed + Math.max(0, readAhead),
    skipped: skipped + Math.min(0, readAhead),
    inRing: (written - read) | 0,
  };
}

/** Books what the lane's last producer left open: a picture that was claimed is aborted. */
export function repairWriter(lane: RingLane, initial: number): void {
  lane.add(WRITER_COUNT.committed, ahead(lane.position, lane.count(WRITER_COUNT.committed), initial));
  const { offered, committed, dropped, aborted } = WRITER_COUNT;
  const open = lane.count(offered) - lane.count(committed) - lane.count(dropped) - lane.count(aborted);
  if (open > 0) lane.add(aborted, open);
  else if (open < 0) lane.add(offered, -open);
}

/** Books what the lane's last consumer left open: a picture was released, or the skipped ones were not. */
export function repairReader(lane: RingLane, initial: number): void {
  const counted = lane.count(READER_COUNT.consumed) + lane.count(READER_COUNT.skipped);
  const missing = ahead(lane.position, counted, initial);
  if (missing > 0) lane.add(READER_COUNT.consumed, missing);
  else if (missing < 0) lane.add(READER_COUNT.skipped, missing);
}

/** How far the int32 sequence is ahead of what the counters say: 0 but between two stores. */
function ahead(sequence: number, counted: number, initial: number): number {
  return (sequence - Number(BigInt.asIntN(32, BigInt(initial) + BigInt(counted)))) | 0;
}

function look(ends: Ends): Looked {
  const reader = ends.reader.lane();
  const writer = ends.writer.lane();
  return [
    reader.position,
    writer.position,
    writer.count(WRITER_COUNT.offered),
    writer.count(WRITER_COUNT.committed),
    writer.count(WRITER_COUNT.dropped),
    writer.count(WRITER_COUNT.aborted),
    reader.count(READER_COUNT.consumed),
    reader.count(READER_COUNT.skipped),
  ];
}
