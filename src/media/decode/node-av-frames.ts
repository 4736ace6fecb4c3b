/**
 * Frames of FFmpeg's that are used again and again, each seen by JavaScript once. A decoder hands out its pictures in
 * memory that moves from picture to picture; a view of each would count 1.4 MB (720p) as the thread's own, and V8 would
 * clear its whole heap every twenty pictures. One more copy costs a fifth of that (ADR 29).
 */
import { StopsignError } from '../../errors.ts';

export interface NodeAv {
  readonly lib: typeof import('node-av/lib');
  readonly constants: typeof import('node-av/constants');
}

type Frame = InstanceType<NodeAv['lib']['Frame']>;

export interface StandingFrame {
  readonly frame: Frame;
  /** Views of the frame's memory, rows padded to `linesize` bytes. */
  readonly planes: readonly Uint8Array[];
  readonly linesize: readonly number[];
}

/** Not reentrant: one decoder's, on its thread. */
export class StandingFrames {
  private readonly av: NodeAv;
  private free: StandingFrame[] = [];

  constructor(av: NodeAv) {
    this.av = av;
  }

  /**
   * A frame with the picture of another; the caller's until it is given back.
   * @throws StopsignError INTERNAL when there is no memory
   */
  copyOf(picture: Frame): StandingFrame {
    const { width, height, format } = picture;
    const isAlike = ({ frame }: StandingFrame) =>
      frame.width === width && frame.height === height && frame.format === format;
    let standing = this.free.pop();
    if (standing && !isAlike(standing)) {
      standing.frame.free();
      standing = undefined;
    }
    standing ??= this.allocate(picture);
    this.check(standing.frame.copy(picture));
    return standing;
  }

  giveBack(frames: readonly StandingFrame[]): void {
    this.free.push(...frames);
  }

  close(): void {
    for (const { frame } of this.free) frame.free();
    this.free = [];
  }

  private allocate({ width, height, format }: Frame): StandingFrame {
    const frame = new this.av.lib.Frame();
    frame.alloc();
    frame.width = width;
    frame.height = height;
    frame.format = format;
    this.check(frame.getBuffer());
    return { frame, planes: frame.data ?? [], linesize: frame.linesize };
  }

  private check(code: number): void {
    if (code >= 0) return;
    const why = new this.av.lib.FFmpegError(code).message;
    throw new StopsignError('INTERNAL', `a decoded picture could not be kept: ${why}.`);
  }
}
