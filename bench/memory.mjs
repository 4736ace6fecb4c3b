#!/usr/bin/env node
/**
 * Whether the program grows: runs it on a clip for long, and looks at the memory of every process (PSS) and at the heap of
 * every thread.
 *
 *   node bench/memory.mjs [--minutes 60] [--every 10] [--settle 5] [--clip FILE] [--port 18090] [--viewers 5] [--churn]
 *
 * JSON on stdout, a line a minute and a table on stderr. Slopes are by least squares over everything after `settle` minutes,
 * in MB an hour with a 95 % interval that counts neighbouring looks as the alike things they are: something grows when
 * the whole interval lies above 0. `--churn`: the viewers leave and come again every ten seconds. Limit: what grows by less
 * than the interval cannot be told in so short a run; a run of an hour sees some MB an hour, one of a night some hundred kB.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listen, metric, pause, root, withHouse } from './support/house.mjs';
import { usage } from './support/processes.mjs';
import { lowest, slopePerHour } from './support/slope.mjs';

const CHURN_SECONDS = 10;
/** Long enough for a full collection now and then: what is left after it is what counts. */
const HEAP_BLOCK_SECONDS = 300;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    every: { type: 'string', default: '10' },
    settle: { type: 'string', default: '5' },
    clip: { type: 'string', default: join(root, 'demo/demo.mp4') },
    port: { type: 'string', default: '18090' },
    camera: { type: 'string', default: 'demo' },
    viewers: { type: 'string', default: '5' },
    churn: { type: 'boolean', default: false },
    /** Every look, for a plot. */
    series: { type: 'string' },
  },
});
const result = await withHouse(values, (pid) => measure(pid, Number(values.minutes) * 60, Number(values.every)));
console.log(JSON.stringify(result, null, 2));
console.error(table(result));

async function measure(pid, seconds, every) {
  const { port, camera, settle, series: file } = values;
  let frames = 0;
  const count = (message) => {
    if (message.type === 'frame') frames += 1;
  };
  let viewers = [];
  const arrive = async () => {
    viewers = await Promise.all(Array.from({ length: Number(values.viewers) }, () => listen(port, camera, count)));
  };
  await arrive();
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1_000;
  /** Name → [seconds, MB]. */
  const series = new Map();
  const note = (name, mb) => series.set(name, [...(series.get(name) ?? []), [elapsed(), mb]]);
  let lookAt = 0;
  let churnAt = CHURN_SECONDS;
  for (let look = 0; elapsed() < seconds; ) {
    if (elapsed() >= lookAt) {
      lookAt += every;
      look += 1;
      const { memoryMb, processes } = usage(pid);
      note('all processes', memoryMb);
      for (const [id, { name, mb }] of processes) note(`${name} (${id})`, mb);
      for (const kind of ['heap', 'external']) {
        const bytes = await metric(port, `stopsign_actor_${kind}_bytes`).catch(() => ({}));
        for (const [actor, n] of Object.entries(bytes)) note(`${kind} of ${actor}`, n / 2 ** 20);
      }
      if (look % Math.ceil(60 / every) === 1) console.error(`${elapsed().toFixed(0)} s  ${memoryMb.toFixed(1)} MB`);
      if (file) writeFileSync(file, JSON.stringify(Object.fromEntries(series)));
    }
    if (values.churn && elapsed() >= churnAt) {
      churnAt += CHURN_SECONDS;
      for (const socket of viewers) socket.close();
      await arrive();
    }
    await pause(250);
  }
  for (const socket of viewers) socket.close();
  const settled = (points) => points.filter(([at]) => at >= 60 * Number(settle));
  const rows = [...series].flatMap(([name, points]) => {
    const kept = settled(points);
    if (kept.length < 3) return [];
    const mbs = kept.map(([, mb]) => mb);
    const round = (value) => Number(value.toFixed(2));
    const isHeap = /^(heap|external) of /.test(name);
    const slope = isHeap ? slopePerHour(kept, HEAP_BLOCK_SECONDS, lowest) : slopePerHour(kept);
    return [{ name, firstMb: round(mbs[0]), lastMb: round(mbs.at(-1)), maxMb: round(Math.max(...mbs)), slope }];
  });
  return {
    machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg() },
    seconds: Math.round(elapsed()),
    settleSeconds: 60 * Number(settle),
    viewers: Number(values.viewers),
    churn: values.churn,
    messages: frames,
    rows: rows.sort((a, b) => b.lastMb - a.lastMb),
  };
}

function table({ rows }) {
  const lines = rows.map(({ name, firstMb, lastMb, maxMb, slope }) => {
    const grows = slope ? `${slope.value} (${slope.lo} … ${slope.hi})` : '';
    return `| ${[name, firstMb, lastMb, maxMb, grows].join(' | ')} |`;
  });
  return ['| what | first MB | last | max | MB an hour |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}
