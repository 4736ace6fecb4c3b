/** What a decode backend must do; beamcoder and node-av both do it, and one contract test runs against each. */
import type { VideoCodec } from '../access-unit.ts';

/** A picture, YUV 4:2:0 planar, 8 bit. The planes belong to the decoder: copy before the call after the next. */
export interface DecodedPicture {
  /** The number given to `decode` with the access unit this picture came from. */
  readonly tag: number;
  readonly width: number;
  readonly height: number;
  readonly fullRange: boolean;
  /** The decoder met errors in it and made up what was missing (ADR 32). FFmpeg tells of H.264 only. */
  readonly isDamaged: boolean;
  readonly planes: readonly [Plane, Plane, Plane];
}

export interface Plane {
  readonly data: Uint8Array;
  /** Bytes from one row to the next, ≥ the plane's width. */
  readonly stride: number;
}

/** Decodes access units one after the other. Pictures come out in presentation order. */
export interface StreamDecoder extends AsyncDisposable {
  /** @param tag an integer below 2^53 that comes back on the picture */
  decode(unit: Uint8Array, tag: number): Promise<readonly DecodedPicture[]>;
  flush(): Promise<readonly DecodedPicture[]>;
  close(): Promise<void>;
}

/** A file being read from its beginning to its end. */
export interface FileDecoder extends AsyncDisposable {
  readonly width: number;
  readonly height: number;
  /** Nominal, from the container. */
  readonly fps: number;
  /** From the container; null when it does not say. */
  readonly frameCount: number | null;
  /** The next pictures with their presentation time (µs from the first), [] when none yet, null at the end. */
  next(): Promise<readonly (DecodedPicture & { readonly ptsUs: number })[] | null>;
  close(): Promise<void>;
}

export interface DecodeBackend {
  readonly name: 'beamcoder' | 'node-av';
  openStream(codec: VideoCodec): Promise<StreamDecoder>;
  /** @throws StopsignError INPUT_MISSING, BAD_INPUT */
  openFile(path: string): Promise<FileDecoder>;
}
