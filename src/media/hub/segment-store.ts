/** The newest HLS segments of one stream, bounded by number and by bytes. Pure state; one per packager. */
import type { Fragment } from './fmp4-splitter.ts';
import type { HlsSegment } from './hls-playlist.ts';

export interface SegmentStoreOptions {
  /** Number of the first segment. */
  readonly firstSequence: number;
  /** Of all segments together. */
  readonly maxBytes: number;
  /** Once, when a segment alone was larger than that, and left out. */
  onOversized(): void;
}

/** More than a playlist names: a player may still fetch what an older one did. */
const SEGMENTS_KEPT = 10;

export class SegmentStore {
  readonly #options: SegmentStoreOptions;
  readonly #segments: HlsSegment[] = [];
  #nextSequence: number;
  #bytes = 0;
  #hasWarned = false;

  constructor(options: SegmentStoreOptions) {
    this.#options = options;
    this.#nextSequence = options.firstSequence;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(fragment: Fragment): void {
    const { maxBytes, onOversized } = this.#options;
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    if (fragment.data.length > maxBytes) {
      // What is left must be without a hole: a playlist numbers its segments by their place.
      this.#segments.length = 0;
      this.#bytes = 0;
      if (!this.#hasWarned) onOversized();
      this.#hasWarned = true;
      return;
    }
    this.#segments.push({ ...fragment, sequence });
    this.#bytes += fragment.data.length;
    while (this.#segments.length > SEGMENTS_KEPT || this.#bytes > maxBytes) {
      this.#bytes -= this.#segments.shift()?.data.length ?? 0;
    }
  }

  /** Oldest first. */
  newest(count: number): readonly HlsSegment[] {
    return this.#segments.slice(-count);
  }

  data(sequence: number): Buffer | null {
    return this.#segments.find((segment) => segment.sequence === sequence)?.data ?? null;
  }
}
