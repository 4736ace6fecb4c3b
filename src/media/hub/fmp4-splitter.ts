/**
 * Cuts the fragmented MP4 that ffmpeg writes to a pipe into the initialisation segment and one media segment per fragment, with
 * the time of its first frame from the `prft` box (ISO/IEC 14496-12 §8.16.5). Pure state, bounded; one per packager.
 */
import { StopsignError } from '../../errors.ts';
import { ntpToUtcUs } from '../rtsp/rtcp.ts';

export interface Fragment {
  readonly data: Buffer;
  readonly durationS: number;
  /** UTC of the first frame, µs; null when the stream has no sender report yet. */
  readonly startUtcUs: number | null;
}

export interface Fmp4Sink {
  onInit(init: Buffer): void;
  onFragment(fragment: Fragment): void;
}

const MAX_BOX_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = 8;

export class Fmp4Splitter {
  readonly #sink: Fmp4Sink;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = HEADER_BYTES;
  #head: Buffer[] = [];
  #timescale = 90_000;
  #startUtcUs: number | null = null;
  #moof: Buffer | null = null;

  constructor(sink: Fmp4Sink) {
    this.#sink = sink;
  }

  /** @throws StopsignError BAD_INPUT when it is no fragmented MP4 */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Joined only when a whole box is there: a fragment may come in hundreds of pieces.
    if (this.#bytes < this.#needed) return;
    let rest = Buffer.concat(this.#chunks);
    this.#needed = HEADER_BYTES;
    while (rest.length >= HEADER_BYTES) {
      const size = rest.readUInt32BE(0);
      if (size < HEADER_BYTES || size > MAX_BOX_BYTES) {
        throw new StopsignError('BAD_INPUT', 'ffmpeg wrote something that is not fragmented MP4.');
      }
      if (rest.length < size) {
        this.#needed = size;
        break;
      }
      this.#onBox(rest.toString('latin1', 4, 8), rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    this.#chunks = rest.length > 0 ? [Buffer.from(rest)] : [];
    this.#bytes = rest.length;
  }

  #onBox(type: string, box: Buffer): void {
    if (type === 'ftyp') {
      this.#head = [box];
    } else if (type === 'moov') {
      this.#timescale = mediaTimescale(box) ?? this.#timescale;
      this.#sink.onInit(Buffer.concat([...this.#head, box]));
    } else if (type === 'prft' && box.length >= 24) {
      this.#startUtcUs = ntpToUtcUs(box.readUInt32BE(16), box.readUInt32BE(20));
    } else if (type === 'moof') {
      this.#moof = box;
    } else if (type === 'mdat' && this.#moof) {
      const durationS = fragmentTicks(this.#moof) / this.#timescale;
      const data = Buffer.concat([this.#moof, box]);
      this.#sink.onFragment({ data, durationS, startUtcUs: this.#startUtcUs });
      this.#moof = null;
      this.#startUtcUs = null;
    }
  }
}

/** The content of the first box at the end of a path such as `['trak', 'mdia', 'mdhd']`. */
function findBox(container: Buffer, path: readonly string[]): Buffer | null {
  const [wanted, ...deeper] = path;
  let at = 0;
  while (at + HEADER_BYTES <= container.length) {
    const size = container.readUInt32BE(at);
    if (size < HEADER_BYTES || at + size > container.length) return null;
    if (container.toString('latin1', at + 4, at + 8) === wanted) {
      const content = container.subarray(at + HEADER_BYTES, at + size);
      return deeper.length === 0 ? content : findBox(content, deeper);
    }
    at += size;
  }
  return null;
}

function mediaTimescale(moov: Buffer): number | null {
  const mdhd = findBox(moov.subarray(HEADER_BYTES), ['trak', 'mdia', 'mdhd']);
  if (!mdhd || mdhd.length < 24) return null;
  return mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12) || null;
}

/** Sum of the sample durations of a `moof` (§8.8.7, §8.8.8). */
function fragmentTicks(moof: Buffer): number {
  const tfhd = findBox(moof.subarray(HEADER_BYTES), ['traf', 'tfhd']);
  const trun = findBox(moof.subarray(HEADER_BYTES), ['traf', 'trun']);
  if (!trun || trun.length < 8) return 0;
  const flags = trun.readUIntBE(1, 3);
  const count = trun.readUInt32BE(4);
  if (!(flags & 0x100)) return count * defaultDuration(tfhd);
  const sampleBytes = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  let at = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  let ticks = 0;
  for (let i = 0; i < count && at + 4 <= trun.length; i += 1, at += sampleBytes) ticks += trun.readUInt32BE(at);
  return ticks;
}

function defaultDuration(tfhd: Buffer | null): number {
  if (!tfhd || tfhd.length < 8) return 0;
  const flags = tfhd.readUIntBE(1, 3);
  const at = 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0);
  return flags & 0x8 && at + 4 <= tfhd.length ? tfhd.readUInt32BE(at) : 0;
}
