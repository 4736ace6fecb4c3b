/**
 * The caller's side of one copy of a model on a thread of its own (model-thread-worker.ts). Pictures are drawn into memory
 * that both share, two at a time: while the model runs on one, the next lies ready.
 */
import { Worker } from 'node:worker_threads';
import type { Detection } from '../domain/types.ts';
import { type ErrorCode, StopsignError } from '../errors.ts';
import type { DetectorModel, DetectorOptions } from './detector.ts';
import { Letterbox } from './letterbox.ts';
import type { ModelInput } from './model-input.ts';
import type { YuvPicture } from './picture.ts';
import type { Placement } from './placement.ts';

/** What the thread is started with. */
export interface ModelThreadData {
  readonly model: DetectorModel;
  readonly options: Omit<DetectorOptions, 'native'>;
}

export type ToModelThread =
  | { readonly type: 'inputs'; readonly inputs: readonly Float32Array<SharedArrayBuffer>[] }
  | { readonly type: 'find'; readonly input: number; readonly at: Placement }
  | { readonly type: 'close' };

export type FromModelThread =
  | { readonly type: 'ready'; readonly input: ModelInput }
  | { readonly type: 'found'; readonly detections: Detection[] }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly remedy?: string };

/** Pictures that one thread may have at once. */
export const PICTURES_A_THREAD = 2;

/** Threads run compiled code only, whoever calls. */
const ENTRY = new URL('../../dist/vision/model-thread-worker.js', import.meta.url);
const HEAP_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 } as const;

interface Waiting {
  resolve(detections: Detection[]): void;
  reject(error: StopsignError): void;
}

export class ModelThread implements AsyncDisposable {
  /** Resolves when the model is loaded. */
  readonly ready: Promise<void>;
  private readonly worker: Worker;
  private readonly ended: Promise<void>;
  private readonly waiting: Waiting[] = [];
  private boxes: Letterbox<SharedArrayBuffer>[] = [];
  private next = 0;
  private failure: StopsignError | null = null;

  constructor(data: ModelThreadData, name: string) {
    this.worker = new Worker(ENTRY, { workerData: data, name, resourceLimits: HEAP_LIMITS });
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', () => resolve());
    });
    this.ready = new Promise((resolve, reject) => {
      const fail = (error: StopsignError): void => {
        this.fail(error);
        reject(error);
      };
      this.worker.on('message', (message: FromModelThread) => {
        if (message.type === 'found') this.waiting.shift()?.resolve(message.detections);
        else if (message.type === 'failed') fail(new StopsignError(message.code, message.message, message));
        else resolve(this.share(message.input));
      });
      this.worker.on('error', (cause) => fail(StopsignError.from(cause)));
      this.worker.once('exit', () =>
        fail(new StopsignError('INTERNAL', 'A thread of the model ended before its time.')),
      );
    });
    this.ready.catch(() => {});
  }

  get isFree(): boolean {
    return this.waiting.length < PICTURES_A_THREAD;
  }

  /** Draws the picture, whose memory is free when this returns its promise; the model looks at it in its turn. */
  async detect(picture: YuvPicture): Promise<Detection[]> {
    if (this.failure) throw this.failure;
    const input = this.next;
    const box = this.boxes[input];
    if (!box || !this.isFree) throw new StopsignError('INTERNAL', 'A thread of the model was given too many pictures.');
    const at = box.fill(picture);
    this.next = (input + 1) % PICTURES_A_THREAD;
    return await new Promise<Detection[]>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.tell({ type: 'find', input, at });
    });
  }

  /** Resolves when the thread has ended, which it does behind the pictures it was given. */
  async close(): Promise<void> {
    this.tell({ type: 'close' });
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private share(input: ModelInput): void {
    const floats = 3 * input.width * input.height;
    const inputs = Array.from(
      { length: PICTURES_A_THREAD },
      () => new Float32Array(new SharedArrayBuffer(floats * Float32Array.BYTES_PER_ELEMENT)),
    );
    this.boxes = inputs.map((data) => new Letterbox(input, data));
    this.tell({ type: 'inputs', inputs });
  }

  private fail(error: StopsignError): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(this.failure);
  }

  private tell(message: ToModelThread): void {
    this.worker.postMessage(message);
  }
}
