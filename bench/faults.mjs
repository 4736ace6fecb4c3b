#!/usr/bin/env node
/**
 * Breaks a running house in every way it knows and measures how it recovers. JSON in FILE.json, a table in FILE.md, what the
 * house said in FILE.json.log, a line a fault on stderr.
 *
 *   node bench/faults.mjs [--times 20] [--only 'inference hang,camera'] [--seconds 180: instead of the fault's own]
 *                         [--minutes 240] [--out faults.json]
 *   node bench/faults.mjs --hour [--minutes 60] [--seed 1] [--out hour.json]
 *   both: [--port 18390] [--root DIR: a built StopSign that nobody else works on]
 *
 * The house plays the demo, whose clip keeps time with the wall clock: one lap without a fault says which passes to
 * expect at which moment of a lap.
 *   detected   from the injection to the begin of the first incident that tells of it
 *   recovered  from the injection until frames are analysed again and /ready says yes; from the fault's end where the fault
 *              lasts whatever the house does; from being noticed where it ends with the thread that has it
 *   frames     pictures of the camera whose result no viewer got
 *   unnoticed  no incident within 30 s
 *   wrong      looks at which /ready said yes although no frame had been analysed for more than 6 s
 * Faults that end a process are half a minute apart for each process: the launcher then takes each for the first.
 * `--hour` injects one at random every 30 s and does the accounts at the end; exit code 1 when they do not come out even.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chosen } from './faults/catalog.mjs';
import { filesBelow } from './faults/census.mjs';
import { hour, orphans } from './faults/hour.mjs';
import { House } from './faults/house.mjs';
import { passesOfOneLap } from './faults/passes.mjs';
import { pause } from './faults/pause.mjs';
import { rounds } from './faults/rounds.mjs';
import { summarize, table } from './faults/table.mjs';

async function main() {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '20' },
      only: { type: 'string', default: '' },
      seconds: { type: 'string' },
      hour: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      port: { type: 'string', default: '18390' },
      root: { type: 'string', default: resolve(dirname(fileURLToPath(import.meta.url)), '..') },
      out: { type: 'string' },
    },
  });
  const house = new House({
    root: resolve(values.root),
    port: values.port,
    logFile: values.out && `${values.out}.log`,
  });
  const stop = () => house.close().finally(() => process.exit(1));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    await house.healthy(60_000);
    await house.login();
    const lap = await passesOfOneLap(house);
    const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, load: loadavg() };
    const about = { machine, at: new Date().toISOString(), lap };
    process.exitCode = await (values.hour ? wholeHour : eachFault)(house, lap, values, about);
  } finally {
    await house.close();
    house.remove();
  }
}

async function eachFault(house, lap, { times, only, seconds, minutes = '240', out }, about) {
  const tell = (runs) => {
    const rows = summarize(runs, lap, house.passes);
    if (out) {
      writeFileSync(out, JSON.stringify({ ...about, rows, runs, passes: house.passes }, null, 1));
      writeFileSync(out.replace(/(\.json)?$/, '.md'), table(rows));
    }
    return rows;
  };
  const faults = chosen(only).map((fault) => (seconds ? { ...fault, seconds: Number(seconds) } : fault));
  const runs = await rounds(house, faults, { times: Number(times), minutes: Number(minutes), onRun: tell });
  await pause(10_000);
  await house.fetchPasses();
  console.log(table(tell(runs)));
  return 0;
}

async function wholeHour(house, lap, { minutes = '60', seed, out }, about) {
  const write = (what) => out && writeFileSync(out, JSON.stringify({ ...about, ...what }, null, 1));
  const { everSeen, ...report } = await hour(house, { minutes: Number(minutes), seed: Number(seed), lap, keep: write });
  const code = await house.close();
  const left = { code, orphans: orphans({ everSeen }), files: filesBelow(house.tmp) };
  const isEven =
    report.rings.violations.length === 0 &&
    report.passes.toldButNotStored.length === 0 &&
    report.isWellAtTheEnd &&
    left.orphans.length === 0 &&
    left.code === 0;
  write({ ...report, left, isEven });
  const { injected, ...short } = report;
  console.log(JSON.stringify({ injected: injected.length, ...short, left, isEven }, null, 1));
  return isEven ? 0 : 1;
}

// Node 20 has the browser's WebSocket only on request.
if (typeof WebSocket === 'undefined') {
  const again = spawn(process.execPath, ['--experimental-websocket', '--no-warnings', ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  again.on('exit', (code) => process.exit(code ?? 1));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => again.kill(signal));
} else {
  await main();
}
