/**
 * What a tracker leaves to its successor, in a ring that it writes and reads itself and that outlives its thread: a
 * snapshot of the analyzer and every frame taken in since. However the thread ends, asked or killed at any instruction,
 * its successor restores the snapshot, takes the frames again in silence, and stands where it stood.
 */
import type { AnalyzerSnapshot } from '../../domain/snapshot/analyzer-snapshot.ts';
import { type DetectionsRecord, decodeRecord, encodeRecord } from '../../rpc/records.ts';
import type { RecordRingReader, RecordRingWriter } from '../../shm/record-ring.ts';

const SNAPSHOT = 1;
const FRAME = 2;
/** Taking frames again costs a fraction of a millisecond each; a snapshot, milliseconds. */
const FRAMES_A_SNAPSHOT = 256;
/** A large snapshot is taken more rarely: one frame for so many bytes of it. */
const BYTES_A_FRAME = 4096;

export interface Recalled {
  readonly snapshot: AnalyzerSnapshot;
  /** Taken in after it, oldest first; `place` counts the records of the ring. */
  readonly frames: readonly { readonly record: DetectionsRecord; readonly place: number }[];
}

export class TrackerMemory {
  private readonly reader: RecordRingReader;
  private readonly writer: RecordRingWriter;
  /** false: the last snapshot did not fit, so a successor begins anew. */
  private kept = false;
  private frames = 0;
  private interval = 0;

  constructor(reader: RecordRingReader, writer: RecordRingWriter) {
    this.reader = reader;
    this.writer = writer;
  }

  get isKept(): boolean {
    return this.kept;
  }

  /** Records written so far, over all generations. */
  get written(): number {
    return this.writer.counts().written;
  }

  get isDue(): boolean {
    return this.frames >= this.interval;
  }

  /**
   * What the predecessor left; null when there is none. It stays in the ring, and frames are noted behind it, until a
   * `save` replaces it: whoever is killed before that leaves no less than was left to him. Or `forget` it.
   */
  recall(): Recalled | null {
    let snapshot: AnalyzerSnapshot | null = null;
    let frames: { record: DetectionsRecord; place: number }[] = [];
    let place = this.writer.counts().read;
    this.reader.peek((type, payload) => {
      place += 1;
      if (type === SNAPSHOT) {
        snapshot = decodeRecord<AnalyzerSnapshot>(payload);
        frames = [];
      } else frames.push({ record: decodeRecord<DetectionsRecord>(payload), place });
    });
    this.kept = snapshot !== null;
    return snapshot && { snapshot, frames };
  }

  /** After a frame was taken in and told of. @param payload as it came */
  note(payload: Uint8Array): void {
    this.frames += 1;
    if (!this.kept) return;
    if (payload.length > this.writer.maxRecordBytes || !this.writer.tryWrite(FRAME, payload)) {
      // A gap would give a successor a wrong past: better a new snapshot at once.
      this.forget();
      this.interval = 0;
    }
  }

  /** From here on a successor needs nothing older. */
  save(snapshot: AnalyzerSnapshot): void {
    const payload = encodeRecord(snapshot);
    this.frames = 0;
    this.interval = Math.max(FRAMES_A_SNAPSHOT, Math.ceil(payload.length / BYTES_A_FRAME));
    if (payload.length > this.writer.maxRecordBytes) {
      this.forget();
      return;
    }
    const { written, read } = this.writer.counts();
    if (this.writer.tryWrite(SNAPSHOT, payload)) this.reader.drain(() => {}, written - read);
    else {
      this.forget();
      this.writer.tryWrite(SNAPSHOT, payload);
    }
    this.kept = true;
  }

  /** What is in the ring is of no use. */
  forget(): void {
    this.kept = false;
    this.reader.drain(() => {}, Number.POSITIVE_INFINITY);
  }
}
