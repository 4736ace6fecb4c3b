#!/usr/bin/env node
/**
 * What a hop between two threads costs: both rings, and as the baseline of the same run the same bytes sent by
 * `postMessage` (structured clone). JSON on stdout, a markdown table on stderr.
 *
 *   node bench/ring.mjs [--frames 1500] [--records 1000000] [--hops 1500] [--gap-ms 2]
 *
 * Payloads: a 1280×720 YUV 4:2:0 picture (1.38 MB, written anew each time), a record of 256 bytes. Hop: from just before
 * the payload is written to the moment the other thread, which was waiting as rooms do (bell, `Atomics.waitAsync`), has it
 * in hand; one at a time with a pause between. Rate: as many as go through, four pictures or 64 KiB of records under way.
 * Ratio: baseline's hop by the ring's, ring's rate by the baseline's; above 1 the ring is better. Limit: the consumer only
 * looks at what it gets. Needs a build (npm run build:node).
 */
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, MessageChannel, Worker, workerData } from 'node:worker_threads';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const from = (path) => import(join(process.env.STOPSIGN_DIST ?? join(root, 'dist'), path));
const { Bell } = await from('shm/bell.js');
const { FrameRing, FrameRingReader, FrameRingWriter } = await from('shm/frame-ring.js');
const { RecordRing, RecordRingReader, RecordRingWriter } = await from('shm/record-ring.js');

const SIZE = { width: 1280, height: 720 };
const FRAME_BYTES = (SIZE.width * SIZE.height * 3) / 2;
const RECORD_BYTES = 256;
const SLOTS = 4;
const CAPACITY = 65_536;
const IDLE_MS = 100;
const A_TURN = 256;
const WARM_UP = 0.1;

const nowUs = () => Number(process.hrtime.bigint()) / 1e3;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const turn = () => new Promise((done) => setImmediate(done));

/** Ways from one thread to another: `send` says whether there was room, `take` calls back with the stamp of each arrival. */
const WAYS = {
  'frame ring': {
    total: 'frames',
    sender: ({ memory, bells }) => {
      const ring = new FrameRingWriter(memory, new Bell(bells, 1));
      const source = new Uint8Array(FRAME_BYTES).fill(128);
      const stamps = { ptsUs: 0, receivedUs: 0, decodedUs: 0 };
      return ringSender(new Bell(bells, 0), (n) => {
        const header = { frame: n, epoch: 1, rtp: n, captureTsUs: nowUs(), ...stamps, ...SIZE, fullRange: false };
        const slot = ring.tryClaim(header);
        if (!slot) return false;
        const luma = SIZE.width * SIZE.height;
        slot.y.set(source.subarray(0, luma));
        slot.u.set(source.subarray(luma, luma * 1.25));
        slot.v.set(source.subarray(luma * 1.25));
        ring.commit();
        return true;
      });
    },
    taker: ({ memory, bells }) => {
      const ring = new FrameRingReader(memory, new Bell(bells, 0));
      return ringTaker(new Bell(bells, 1), (onArrival) => {
        const slot = ring.tryPeek();
        if (!slot) return 0;
        onArrival(slot.captureTsUs);
        ring.release();
        return 1;
      });
    },
  },
  'record ring': {
    total: 'records',
    sender: ({ memory, bells }) => {
      const ring = new RecordRingWriter(memory, new Bell(bells, 1));
      const { payload, stamp } = stampedBytes(RECORD_BYTES);
      return ringSender(new Bell(bells, 0), () => {
        stamp[0] = nowUs();
        return ring.tryWrite(1, payload);
      });
    },
    taker: ({ memory, bells }) => {
      const ring = new RecordRingReader(memory, new Bell(bells, 0));
      return ringTaker(new Bell(bells, 1), (onArrival) =>
        ring.drain((_type, bytes) => onArrival(stampIn(bytes)), A_TURN),
      );
    },
  },
  'frame postMessage': { total: 'frames', ...messages(FRAME_BYTES, SLOTS) },
  'record postMessage': { total: 'records', ...messages(RECORD_BYTES, CAPACITY / (RECORD_BYTES + 8)) },
};

function stampedBytes(bytes) {
  const payload = new Uint8Array(bytes);
  return { payload, stamp: new Float64Array(payload.buffer, 0, 1) };
}

function stampIn(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
}

function ringSender(bell, trySend) {
  return async (n) => {
    for (let seen = bell.seen(); !trySend(n); seen = bell.seen()) await bell.wait(seen, IDLE_MS);
  };
}

function ringTaker(bell, take) {
  return async (onArrival, isDone) => {
    while (!isDone()) {
      const seen = bell.seen();
      if (take(onArrival) === 0) await bell.wait(seen, IDLE_MS);
    }
  };
}

function messages(bytes, window) {
  return {
    sender: ({ port }) => {
      const { payload, stamp } = stampedBytes(bytes);
      let underWay = 0;
      let onRoom = () => {};
      port.on('message', () => {
        underWay -= 1;
        onRoom();
      });
      return async () => {
        while (underWay >= window) {
          await new Promise((done) => {
            onRoom = done;
          });
        }
        underWay += 1;
        // The picture is written anew, as into a slot.
        if (bytes === FRAME_BYTES) payload.fill(128);
        stamp[0] = nowUs();
        port.postMessage(payload);
      };
    },
    taker: ({ port }) => {
      return (onArrival, isDone) =>
        new Promise((done) => {
          port.on('message', (payload) => {
            onArrival(stampIn(payload));
            port.postMessage(0);
            if (isDone()) done();
          });
        });
    },
  };
}

if (isMainThread) await main();
else await runThread();

/** One end of a way, on its own thread. */
async function runThread() {
  const { way, end, count, gapMs, answer } = workerData;
  // A pending wait for a bell does not keep a thread alive.
  const alive = setInterval(() => {}, 60_000);
  if (end === 'sender') {
    const send = WAYS[way].sender(workerData);
    for (let n = 0; n < count; n += 1) {
      await send(n);
      if (gapMs > 0) await pause(gapMs);
      else if (n % A_TURN === 0) await turn();
    }
  } else {
    const hops = [];
    let arrived = 0;
    let firstUs = 0;
    const skip = Math.floor(count * WARM_UP);
    await WAYS[way].taker(workerData)(
      (stampUs) => {
        arrived += 1;
        if (arrived === skip) firstUs = nowUs();
        if (gapMs > 0 && arrived > skip) hops.push(nowUs() - stampUs);
      },
      () => arrived === count,
    );
    const perSecond = ((count - skip) / (nowUs() - firstUs)) * 1e6;
    hops.sort((a, b) => a - b);
    const at = (share) => Math.round(10 * (hops[Math.floor(share * (hops.length - 1))] ?? 0)) / 10;
    answer.postMessage(gapMs > 0 ? { p50Us: at(0.5), p99Us: at(0.99) } : { perSecond: Math.round(perSecond) });
  }
  clearInterval(alive);
  if (end === 'taker') workerData.port.close();
  answer.close();
}

function measure(way, count, gapMs) {
  const memory = way.startsWith('frame')
    ? FrameRing.allocate({ slots: SLOTS, maxWidth: SIZE.width, maxHeight: SIZE.height, policy: 'lossless' })
    : RecordRing.allocate({ capacity: CAPACITY });
  const bells = new SharedArrayBuffer(Bell.bytesFor(2));
  const between = new MessageChannel();
  const answers = { sender: new MessageChannel(), taker: new MessageChannel() };
  const start = (end, port) => {
    const answer = answers[end].port2;
    return new Worker(fileURLToPath(import.meta.url), {
      workerData: { way, end, count, gapMs, memory, bells, port, answer },
      transferList: [port, answer],
    });
  };
  return new Promise((done, failed) => {
    answers.taker.port1.once('message', (result) => {
      for (const { port1 } of Object.values(answers)) port1.close();
      done(result);
    });
    for (const worker of [start('taker', between.port1), start('sender', between.port2)]) worker.once('error', failed);
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      frames: { type: 'string', default: '1500' },
      records: { type: 'string', default: '1000000' },
      hops: { type: 'string', default: '1500' },
      'gap-ms': { type: 'string', default: '2' },
    },
  });
  const figures = {};
  for (const [way, { total }] of Object.entries(WAYS)) {
    const hop = await measure(way, Number(values.hops), Number(values['gap-ms']));
    figures[way] = { hop, ...(await measure(way, Number(values[total]), 0)) };
  }
  const ratio = (kind) => {
    const ring = figures[`${kind} ring`];
    const baseline = figures[`${kind} postMessage`];
    const round = (value) => Math.round(100 * value) / 100;
    return {
      hopP50: round(baseline.hop.p50Us / ring.hop.p50Us),
      hopP99: round(baseline.hop.p99Us / ring.hop.p99Us),
      rate: round(ring.perSecond / baseline.perSecond),
    };
  };
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  const baseline = 'postMessage (structured clone) of the same bytes in the same run';
  const result = { machine, baseline, figures, ratio: { frame: ratio('frame'), record: ratio('record') } };
  console.log(JSON.stringify(result, null, 2));
  const rows = Object.entries(figures).map(
    ([way, { hop, perSecond }]) => `| ${way} | ${hop.p50Us} | ${hop.p99Us} | ${perSecond} |`,
  );
  console.error(['| way | hop p50 µs | hop p99 µs | per second |', '| --- | --- | --- | --- |', ...rows].join('\n'));
}
