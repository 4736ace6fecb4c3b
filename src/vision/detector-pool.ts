/**
 * A detector for throughput: several copies of the model, each on a thread of its own and each run by one thread, look at as
 * many pictures at once. One run with two threads costs more CPU than two with one. The caller's thread draws the
 * pictures ahead, so no model waits for its next. What is found does not depend on which copy found it. Made by the
 * inference room of a replay; a live one has a single model in its own thread, which is quicker for a single picture.
 */
import type { Detection } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import type { DetectorModel, DetectorOptions } from './detector.ts';
import { ModelThread, PICTURES_A_THREAD } from './model-thread.ts';
import type { NativeSection } from './ort-session.ts';
import type { YuvPicture } from './picture.ts';

export interface PoolOptions extends Omit<DetectorOptions, 'threads'> {
  /** Copies of the model, 1 … 64. */
  readonly copies: number;
}

/** @throws StopsignError BAD_MODEL, NATIVE_MISSING */
export async function openDetectorPool(model: DetectorModel, options: PoolOptions): Promise<DetectorPool> {
  const { copies, native, ...rest } = options;
  const threads = Array.from(
    { length: copies },
    (_, i) => new ModelThread({ model, options: { ...rest, threads: 1 } }, `model ${i}`),
  );
  const pool = new DetectorPool(threads, native);
  try {
    await pool.open();
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}

export class DetectorPool implements AsyncDisposable {
  /** Pictures it takes before the first of them is done. */
  readonly parallel: number;
  private readonly threads: readonly ModelThread[];
  private readonly native: NativeSection | undefined;
  private next = 0;
  private running = 0;

  constructor(threads: readonly ModelThread[], native: NativeSection | undefined) {
    this.threads = threads;
    this.native = native;
    this.parallel = threads.length * PICTURES_A_THREAD;
  }

  async open(): Promise<void> {
    await this.announced(() => Promise.all(this.threads.map(({ ready }) => ready)));
  }

  /**
   * Like `Detector.detect`, up to `parallel` calls at once. The picture's memory is free when this returns its promise.
   * @throws StopsignError INTERNAL when there are more, or when a thread broke: the pool is of no use any more then
   */
  detect(picture: YuvPicture): Promise<Detection[]> {
    return this.announced(() => {
      // In turn: pictures cost the same, so they are done in the order they came.
      const thread = this.threads[this.next];
      this.next = (this.next + 1) % this.threads.length;
      if (!thread) throw new StopsignError('INTERNAL', 'A detector without a model was asked.');
      return thread.detect(picture);
    });
  }

  async close(): Promise<void> {
    await this.announced(() => Promise.all(this.threads.map((thread) => thread.close())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ending this thread ends the models' threads with it. */
  private async announced<T>(call: () => Promise<T>): Promise<T> {
    this.running += 1;
    this.native?.enter();
    try {
      return await call();
    } finally {
      this.running -= 1;
      if (this.running === 0) this.native?.leave();
    }
  }
}
