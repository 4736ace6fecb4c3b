/**
 * How many threads work inside the native packages of the analyzer, from cores and cameras. Pure; the one place where that
 * is decided. The launcher sets it, `stopsign doctor` and the log at start show it.
 */

export interface ThreadBudget {
  /**
   * UV_THREADPOOL_SIZE. They mostly wait: for disks, names, and each decoder for one picture at a time. With libuv's own four a
   * program that works on a hundred files at once keeps the decoders waiting.
   */
  readonly poolThreads: number;
  /** onnxruntime's threads for one run of the model (intra-op). They compute. */
  readonly modelThreads: number;
}

const LEAST_POOL = 16;
const MOST_POOL = 128;
const POOL_PER_CAMERA = 4;
/** For files, names and jobs that belong to no camera. */
const POOL_SHARED = 12;
/** More threads for a model of this size wait for each other. */
const MOST_MODEL = 4;
/** Pictures of so many cameras at 720p30 keep one core busy with decoding. */
const CAMERAS_PER_CORE = 6;

/**
 * @param cores that work for us, at least 1
 * @param cameras at least 1
 * @param modelThreads what the configuration states
 */
export function threadBudget(cores: number, cameras: number, modelThreads?: number): ThreadBudget {
  // Half at most: decoding, the browser's video and the database need the others.
  const free = Math.min(Math.floor(cores / 2), Math.floor(cores - 1 - cameras / CAMERAS_PER_CORE));
  return {
    poolThreads: Math.max(LEAST_POOL, Math.min(MOST_POOL, POOL_SHARED + POOL_PER_CAMERA * cameras)),
    modelThreads: modelThreads ?? Math.max(1, Math.min(MOST_MODEL, free)),
  };
}

/** One line for log and check-up. */
export function describeThreads({ poolThreads, modelThreads }: ThreadBudget, cores: number, cameras: number): string {
  const what = `${cores} ${cores === 1 ? 'core' : 'cores'} and ${cameras} ${cameras === 1 ? 'camera' : 'cameras'}`;
  return `Threads for ${what}: ${modelThreads} for the model, ${poolThreads} in libuv's pool`;
}
