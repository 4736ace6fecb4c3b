/** Threads stopped in the middle of their work at a ring: see test/fixtures/rings/parked.mjs. */
import { Worker } from 'node:worker_threads';
import { until } from './until.ts';

export type Touch = 'load' | 'store' | 'add' | 'notify';

export interface Parking {
  readonly memory: SharedArrayBuffer;
  readonly operation: string;
  readonly argument?: unknown;
  readonly generation?: number;
  /** What counts as a touch of shared memory; copies of bytes always do, half way. */
  readonly touches: readonly Touch[];
}

export interface ParkedThread extends AsyncDisposable {
  /** Lets it go on; resolves when its work is done. */
  goOn(): Promise<void>;
}

/** Starts the operation and waits until it stops before touch `step`; null when it was done before that. */
export async function park(parking: Parking, step: number): Promise<ParkedThread | null> {
  const hook = new SharedArrayBuffer(8);
  const signals = new Int32Array(hook);
  const worker = new Worker(new URL('../fixtures/rings/parked.mjs', import.meta.url), {
    workerData: { ...parking, step, hook },
  });
  let failure: unknown;
  worker.on('error', (error) => {
    failure = error;
  });
  const reaches = (state: number) =>
    until(
      () => {
        if (failure) throw failure;
        return Atomics.load(signals, 0) >= state;
      },
      { what: `"${parking.operation}" to reach state ${state} at step ${step}`, everyMs: 1, timeoutMs: 10_000 },
    );
  const kill = async (): Promise<void> => void (await worker.terminate());
  await reaches(1);
  if (Atomics.load(signals, 0) === 2) {
    await kill();
    return null;
  }
  return {
    async goOn() {
      Atomics.store(signals, 1, 1);
      Atomics.notify(signals, 1);
      await reaches(2);
    },
    [Symbol.asyncDispose]: kill,
  };
}
