/** One copy of a model on a thread of its own, run on the same picture again and again: see throughput.mjs. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = process.env.STOPSIGN_DIST ?? join(root, 'dist');
const { openSession } = await import(join(dist, 'vision/ort-session.js'));
const { path, input } = workerData;
const session = await openSession(path, { threads: 1 });
const picture = Float32Array.from({ length: 3 * input.width * input.height }, (_, i) => (i * 37) % 256);
parentPort.on('message', async (runs) => {
  if (runs === 0) {
    await session.close();
    parentPort.close();
    return;
  }
  for (let i = 0; i < runs; i += 1) {
    await session.run(picture, input);
    parentPort.postMessage('ran');
  }
});
parentPort.postMessage('ready');
