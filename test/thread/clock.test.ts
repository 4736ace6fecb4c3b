import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/telemetry/clock.ts';

it('agrees between threads, so that the stamps of a frame stand in order', async () => {
  const workers = Array.from({ length: 4 }, () => new Worker(new URL('../fixtures/clock.mjs', import.meta.url)));
  try {
    for (const worker of workers) {
      for (let i = 0; i < 20; i += 1) {
        const before = systemClock.nowUs();
        worker.postMessage('now');
        const [theirs] = (await once(worker, 'message')) as [number];
        const after = systemClock.nowUs();
        expect(theirs).toBeGreaterThanOrEqual(before);
        expect(theirs).toBeLessThanOrEqual(after);
      }
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
});
