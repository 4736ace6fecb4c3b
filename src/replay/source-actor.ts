/**
 * The beginning of a replay: decodes a file into the lossless frame ring, and closes the ring behind its last picture. On
 * a thread of its own, so that decoding, copying and the garbage of both cost the model's thread nothing.
 */
import type { Actor } from '../actors/runtime/actor.ts';
import type { DecodedPicture, FileDecoder } from '../media/decode/port.ts';
import { copyPlanes } from '../shm/copy-planes.ts';
import type { FrameRingWriter } from '../shm/frame-ring.ts';
import type { StatusRow } from '../shm/status-board.ts';

type FilePicture = DecodedPicture & { readonly ptsUs: number };

export interface SourceParts {
  readonly name: string;
  readonly file: Pick<FileDecoder, 'next' | 'close'>;
  readonly frames: FrameRingWriter;
  readonly row: StatusRow;
}

export class SourceActor implements Actor {
  readonly name: string;
  private readonly parts: SourceParts;
  /** Decoded; their planes are good until the call after the next. */
  private pictures: readonly FilePicture[] = [];
  /** What is being decoded, on a thread of the decoder's, while the pictures before it are copied here. */
  private ahead: Promise<readonly FilePicture[] | null> | null = null;
  private offered = 0;
  private frame = 0;
  private hasEnded = false;

  constructor(parts: SourceParts) {
    this.name = parts.name;
    this.parts = parts;
  }

  /** Hands on what is decoded, and has the next decoded meanwhile; 0 while the ring is full, and after the end. */
  async doWork(): Promise<number> {
    const { file, frames, row } = this.parts;
    if (this.hasEnded) return 0;
    let moved = this.handOn();
    if (this.offered < this.pictures.length) return moved;
    row.set('inNative', 1);
    this.ahead ??= file.next();
    const pictures = await this.ahead;
    if (pictures) {
      this.ahead = file.next();
      // Awaited in the next turn.
      this.ahead.catch(() => {});
    } else {
      this.hasEnded = true;
      row.set('inNative', 0);
      frames.close();
    }
    this.pictures = pictures ?? [];
    this.offered = 0;
    moved += 1 + this.handOn();
    return moved;
  }

  async onClose(): Promise<void> {
    this.pictures = [];
    await this.ahead?.catch(() => {});
    await this.parts.file.close();
    this.parts.row.set('inNative', 0);
  }

  private handOn(): number {
    const before = this.offered;
    for (let picture = this.pictures[this.offered]; picture; picture = this.pictures[this.offered]) {
      if (!this.write(picture)) break;
      this.offered += 1;
    }
    return this.offered - before;
  }

  /** Capture times are the file's own: µs from its first picture. */
  private write(picture: FilePicture): boolean {
    const { frames, row } = this.parts;
    const { width, height, fullRange, ptsUs } = picture;
    const slot = frames.tryClaim({
      frame: this.frame,
      epoch: 1,
      rtp: Math.round(ptsUs * 0.09) >>> 0,
      captureTsUs: ptsUs,
      ptsUs,
      receivedUs: ptsUs,
      decodedUs: ptsUs,
      width,
      height,
      fullRange,
    });
    if (!slot) return false;
    copyPlanes(picture.planes, slot);
    frames.commit();
    this.frame += 1;
    row.add('out');
    return true;
  }
}
