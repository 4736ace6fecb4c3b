/**
 * Bytes that both kinds of ring have in common. "Producer only" and the like say who may write a cell; anybody may read.
 *
 *   byte    0          static (int32): magic, then what each kind says of itself          allocation only
 *   byte  128          generation of the writing end (int32)                              supervisor
 *         132          generation of the reading end (int32)                              supervisor
 *   byte  256 + 128·i  lane of the writing end, i = generation mod 8                      producer of that generation
 *   byte 1280 + 128·i  lane of the reading end, i = generation mod 8                      consumer of that generation
 *   byte 2304          slots or records
 *
 * A lane is all that one end says: its position, and its counters.
 *
 *   +0  int32   position: frames or bytes since the beginning, wrapping; compared by `(w - r) | 0`
 *   +4  int32   1 = closed (writing end only)
 *   +8  int32   14 cells of the ring's kind
 *   +64 int64   8 counters of the ring's kind
 *
 * A negative generation `~g` says: generation g has the end no more, its successor is about to get it.
 */
export type EndName = 'writer' | 'reader';

export const RING_HEADER_BYTES = 2304;

/** Int32 indexes. */
export const GENERATION: Readonly<Record<EndName, number>> = { writer: 32, reader: 33 };
export const FIRST_LANE: Readonly<Record<EndName, number>> = { writer: 64, reader: 320 };

/** A thread would have to sleep through so many restarts in the middle of one claim to write into a lane in use. */
export const LANES = 8;
export const LANE_INTS = 32;
export const CLOSED = 1;
/** Within a lane: int32 cells before the counters, and int64 counters. */
export const LANE_CELLS = 16;
export const LANE_COUNTERS = 8;
