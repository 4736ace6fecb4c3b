/**
 * The newest HLS segments of one stream, bounded by number and by bytes, and the initialisation segments that they need. Pure
 * state; one per packager.
 */
import type { Fragment } from './fmp4-splitter.ts';
import type { HlsSegment } from './hls-playlist.ts';

/** What a path's next segment, discontinuity and initialisation segment are called. */
export interface HlsNumbers {
  readonly sequence: number;
  readonly discontinuity: number;
  readonly init: number;
}

export const FIRST_NUMBERS: HlsNumbers = { sequence: 0, discontinuity: 0, init: 1 };

export interface SegmentStoreOptions {
  /** Of the first segment. */
  readonly first: HlsNumbers;
  /** Of all segments together. */
  readonly maxBytes: number;
  /** Once, when a segment alone was larger than that, and left out. */
  onOversized(): void;
}

interface Init {
  readonly number: number;
  readonly data: Buffer;
}

/** More than a playlist names: a player may still fetch what an older one did. */
const SEGMENTS_KEPT = 10;

export class SegmentStore {
  readonly #options: SegmentStoreOptions;
  readonly #segments: HlsSegment[] = [];
  #inits: Init[] = [];
  /** Number of the initialisation segment of the newest segment. */
  #last: number | null = null;
  /** `discontinuity` is still that of the newest segment. */
  #next: HlsNumbers;
  #bytes = 0;
  #hasWarned = false;

  constructor(options: SegmentStoreOptions) {
    this.#options = options;
    this.#next = options.first;
  }

  /** For a packager that comes after this one: its times begin anew, and so there is a discontinuity between them. */
  get next(): HlsNumbers {
    const { discontinuity } = this.#next;
    return this.#last === null ? this.#next : { ...this.#next, discontinuity: discontinuity + 1 };
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param init what a player needs before it; other bytes than those of the segment before make a discontinuity */
  push(fragment: Fragment, init: Buffer): void {
    const { maxBytes, onOversized } = this.#options;
    const numbers = this.#numbersFor(init);
    if (fragment.data.length > maxBytes) {
      // What is left must be without a hole: a playlist numbers its segments by their place.
      this.#segments.length = 0;
      this.#bytes = 0;
      if (!this.#hasWarned) onOversized();
      this.#hasWarned = true;
    } else {
      this.#segments.push({ ...fragment, ...numbers });
      this.#bytes += fragment.data.length;
    }
    while (this.#segments.length > SEGMENTS_KEPT || this.#bytes > maxBytes) {
      this.#bytes -= this.#segments.shift()?.data.length ?? 0;
    }
    this.#inits = this.#inits.filter(
      ({ number }) => number === numbers.init || this.#segments.some((segment) => segment.init === number),
    );
  }

  /** Oldest first. */
  newest(count: number): readonly HlsSegment[] {
    return this.#segments.slice(-count);
  }

  data(sequence: number): Buffer | null {
    return this.#segments.find((segment) => segment.sequence === sequence)?.data ?? null;
  }

  /** One that a segment needs which is kept. */
  init(number: number): Buffer | null {
    return this.#inits.find((init) => init.number === number)?.data ?? null;
  }

  /** Of a segment that needs these bytes. */
  #numbersFor(data: Buffer): HlsNumbers {
    const { sequence, discontinuity, init: fresh } = this.#next;
    const known = this.#inits.find((init) => init.data.equals(data));
    const number = known?.number ?? fresh;
    if (!known) this.#inits.push({ number, data });
    const isSame = this.#last === null || this.#last === number;
    this.#last = number;
    this.#next = {
      sequence: sequence + 1,
      discontinuity: isSame ? discontinuity : discontinuity + 1,
      init: known ? fresh : fresh + 1,
    };
    return { sequence, discontinuity: this.#next.discontinuity, init: number };
  }
}
