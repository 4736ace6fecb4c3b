#!/usr/bin/env node
/**
 * Whether the program grows: runs it on a clip for long, and looks at the memory of every process (PSS, and by kind: what
 * native code allocated, large and small private mappings, files) and at the heap of every thread.
 *
 *   node bench/memory.mjs [--minutes 60] [--every 10] [--settle 5] [--clip FILE] [--port 18090] [--viewers 5] [--churn]
 *
 * JSON on stdout, a line a minute and a table on stderr. Slopes are by least squares over everything after `settle` minutes,
 * in MB an hour with a 95 % interval that counts neighbouring looks as the alike things they are: something grows when
 * the whole interval lies above 0. What was gained while it settled is told apart, not left out, and the slope of the second
 * half stands beside that of the whole: a leak keeps its slope, memory that is touched for the first time loses it.
 * `--churn`: the viewers leave and come again every ten seconds. Limit: what grows by less than the interval cannot be told
 * in so short a run; a run of an hour sees some MB an hour, one of a night some hundred kB.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listen, metric, pause, root, withHouse } from './support/house.mjs';
import { memoryKinds } from './support/memory-kinds.mjs';
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
      for (const [id, { name, mb }] of processes) {
        note(`${name} (${id})`, mb);
        // Postgres ends and begins processes as it likes, and its memory is its own affair.
        const kinds = /^\S*node /.test(name) ? memoryKinds(id) : null;
        for (const [kind, kindMb] of Object.entries(kinds ?? {})) note(`${name} (${id}): ${kind}`, kindMb);
      }
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
    const slopeOf = (part) => (isHeap ? slopePerHour(part, HEAP_BLOCK_SECONDS, lowest) : slopePerHour(part));
    const middle = (kept[0][0] + kept.at(-1)[0]) / 2;
    return [
      {
        name,
        settledBy: round(mbs[0] - points[0][1]),
        firstMb: round(mbs[0]),
        lastMb: round(mbs.at(-1)),
        maxMb: round(Math.max(...mbs)),
        slope: slopeOf(kept),
        secondHalf: slopeOf(kept.filter(([at]) => at >= middle)),
      },
    ];
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
  const told = (slope) => (slope ? `${slope.value} (${slope.lo} … ${slope.hi})` : '');
  const lines = rows.map(({ name, settledBy, firstMb, lastMb, maxMb, slope, secondHalf }) => {
    return `| ${[name, settledBy, firstMb, lastMb, maxMb, told(slope), told(secondHalf)].join(' | ')} |`;
  });
  const head = ['what', 'MB gained while it settled', 'then', 'last', 'max', 'MB an hour', 'in the second half'];
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines].join('\n');
}
