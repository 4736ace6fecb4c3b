/**
 * onnxruntime-node behind a small surface: the only file that touches it. Inference thread. `run` is native code on the
 * calling thread; ending the thread meanwhile aborts the whole process, so every native call is announced to `native`.
 */
import { StopsignError } from '../errors.ts';
import type { OutputTensor } from './candidate.ts';
import type { InputSize } from './model-input.ts';

/** Told when native code is entered and left, e.g. to keep the supervisor from terminating the thread. */
export interface NativeSection {
  enter(): void;
  leave(): void;
}

export interface SessionOptions {
  /** Threads of one run, 1 … 64. */
  readonly threads: number;
  readonly native?: NativeSection | undefined;
}

export interface ModelSession extends AsyncDisposable {
  readonly path: string;
  /** What the model demands; null where it is free. */
  readonly fixed: { readonly width: number | null; readonly height: number | null };
  /** Rank of each output, known before the first run; 0 when the model does not say. */
  readonly outputRanks: readonly number[];
  /** @param input CHW of 3 · height · width floats, not shared memory; free again when the promise resolves */
  run(input: Float32Array<ArrayBuffer>, size: InputSize): Promise<OutputTensor[]>;
  close(): Promise<void>;
}

type Ort = typeof import('onnxruntime-node');
type InferenceSession = import('onnxruntime-node').InferenceSession;

/**
 * @throws StopsignError BAD_MODEL: no ONNX model, or no single float32 picture [1,3,H,W] goes in;
 *   NATIVE_MISSING: onnxruntime does not load on this machine
 */
export async function openSession(path: string, options: SessionOptions): Promise<ModelSession> {
  const ort = await loadOrt();
  const announced = announcer(options.native);
  const session = await announced(() => createSession(ort, path, options.threads));
  try {
    return new OrtSession(ort, session, path, announced);
  } catch (error) {
    await session.release();
    throw error;
  }
}

class OrtSession implements ModelSession {
  readonly path: string;
  readonly fixed: { readonly width: number | null; readonly height: number | null };
  readonly outputRanks: readonly number[];
  private readonly ort: Ort;
  private readonly inputName: string;
  private readonly announced: Announced;
  private session: InferenceSession | null;

  constructor(ort: Ort, session: InferenceSession, path: string, announced: Announced) {
    const { name, shape } = onlyPictureInput(session, path);
    this.ort = ort;
    this.session = session;
    this.path = path;
    this.announced = announced;
    this.inputName = name;
    this.fixed = { height: fixedSize(shape[2]), width: fixedSize(shape[3]) };
    this.outputRanks = session.outputMetadata.map((output) => (output.isTensor ? output.shape.length : 0));
  }

  async run(input: Float32Array<ArrayBuffer>, size: InputSize): Promise<OutputTensor[]> {
    const { session } = this;
    if (!session) throw new StopsignError('INTERNAL', `The model ${this.path} was used after it was closed.`);
    const tensor = new this.ort.Tensor('float32', input, [1, 3, size.height, size.width]);
    const outputs = await this.announced(() => session.run({ [this.inputName]: tensor })).catch((cause: unknown) => {
      // What the first run finds is the model's fault (see openDetector); later it is the machine's, and passes.
      const picture = `a picture of ${size.width}×${size.height}`;
      throw new StopsignError('INTERNAL', `The model ${this.path} failed on ${picture}.`, { cause });
    });
    return session.outputNames.map((name) => {
      const { data, dims } = outputs[name] ?? {};
      if (!(data instanceof Float32Array) || !dims) throw badModel(this.path, `gives ${name} not as float32`);
      return { name, dims, data };
    });
  }

  async close(): Promise<void> {
    const { session } = this;
    this.session = null;
    if (session) await this.announced(() => session.release());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function createSession(ort: Ort, path: string, threads: number): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(path, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Failures come back as errors; the runtime's own lines on stderr would only repeat them.
      logSeverityLevel: 4,
      // Threads that spin while they wait double the CPU spent and save no time.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    throw badModel(path, 'cannot be read as an ONNX model', cause);
  }
}

function onlyPictureInput(
  session: InferenceSession,
  path: string,
): { name: string; shape: readonly (number | string)[] } {
  const [input, ...others] = session.inputMetadata;
  const found = session.inputMetadata
    .map((each) => (each.isTensor ? `${each.name} ${each.type}[${each.shape.join(',')}]` : each.name))
    .join(' and ');
  const picture = input?.isTensor && input.type === 'float32' && input.shape.length === 4 && input.shape[1] === 3;
  if (!picture || others.length > 0) {
    throw badModel(path, `takes ${found || 'nothing'}; accepted is one float32 picture [1,3,height,width]`);
  }
  return input;
}

/** Free dimensions are symbols, or -1 in some exports. */
function fixedSize(dimension: number | string | undefined): number | null {
  return typeof dimension === 'number' && dimension > 0 ? dimension : null;
}

/** It sends nothing home: see adr/0023. On a thread this comes too late, and whoever started the process has said so. */
async function loadOrt(): Promise<Ort> {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new StopsignError('NATIVE_MISSING', 'onnxruntime-node does not load on this machine.', {
      remedy: 'Run `npm ci` again on this machine; it needs glibc 2.28 or newer on x64 or arm64.',
      cause,
    });
  }
}

type Announced = <T>(call: () => Promise<T>) => Promise<T>;

function announcer(native: NativeSection | undefined): Announced {
  return async (call) => {
    native?.enter();
    try {
      return await call();
    } finally {
      native?.leave();
    }
  };
}

function badModel(path: string, what: string, cause?: unknown): StopsignError {
  return new StopsignError('BAD_MODEL', `The model file ${path} ${what}.`, {
    remedy: 'Get a good copy with `stopsign models pull`, or name another model in `model.use`.',
    cause,
  });
}
