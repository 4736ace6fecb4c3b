/** One copy of a model on a thread of its own: finds what is on pictures that were drawn for it, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { StopsignError } from '../errors.ts';
import { type Detector, openDetector } from './detector.ts';
import type { FromModelThread, ModelThreadData, ToModelThread } from './model-thread.ts';

if (!parentPort) throw new Error('a copy of a model runs on a worker thread only');
const port = parentPort;
const { model, options } = workerData as ModelThreadData;
const tell = (message: FromModelThread): void => port.postMessage(message);

let shared: readonly Float32Array<SharedArrayBuffer>[] = [];
/** onnxruntime refuses shared memory. */
let own = new Float32Array();

async function take(detector: Detector, message: ToModelThread): Promise<void> {
  if (message.type === 'close') {
    await detector.close();
    port.close();
  } else if (message.type === 'inputs') {
    shared = message.inputs;
    own = new Float32Array(shared[0]?.length ?? 0);
  } else {
    own.set(shared[message.input] as Float32Array<SharedArrayBuffer>);
    tell({ type: 'found', detections: await detector.find(own, message.at) });
  }
}

function fail(cause: unknown): void {
  const { code, message, remedy } = StopsignError.from(cause);
  tell({ type: 'failed', code, message, ...(remedy !== undefined && { remedy }) });
  port.close();
}

/** One after the other: a run of the model must not begin while another waits for its turn of the event loop. */
let turn = openDetector(model, options);
turn.then(({ input }) => tell({ type: 'ready', input }), fail);
port.on('message', (message: ToModelThread) => {
  turn = turn.then(async (detector) => {
    await take(detector, message).catch(fail);
    return detector;
  });
  turn.catch(() => {});
});
