/**
 * Mode B: a fault at random every 30 s for as long as asked, whether the house has recovered from the last one or not; then a
 * rest, and the accounts: rings, passes, processes, threads, sockets, files, memory.
 */
import { APART_MS, FAULTS, nameOf } from './catalog.mjs';
import { census, filesBelow, isAlive } from './census.mjs';
import { Accounts, passAccount } from './conservation.mjs';
import { WRONG_AFTER_MS } from './injection.mjs';
import { passesBetween } from './passes.mjs';
import { pause } from './pause.mjs';
import { slope } from './slope.mjs';

const FAULT_EVERY_MS = 30_000;
const LOOK_EVERY_MS = 5_000;
const READY_EVERY_MS = 500;
const REST_MS = 45_000;

/** A fault mode that would take the rest of the hour is cut to what can be over by the next one. */
const LONGEST_S = 20;
/** A picture counts as frozen after a minute, which is longer than that. */
const SHORT = FAULTS.filter(({ kind }) => kind !== 'freeze');

/** Resolves with the accounts but for what only shows after the house's end. */
export async function hour(house, { minutes, seed, lap, keep }) {
  const random = mulberry32(seed);
  const watch = new Watch(house);
  await watch.look();
  const before = watch.last;
  const filesBefore = filesBelow(house.tmp);
  const startedUtc = Date.now() / 1000;
  const until = performance.now() + minutes * 60_000;
  const injected = [];
  const ended = new Map();
  watch.start();
  for (let next = performance.now(); next < until && !house.hasEnded; next += FAULT_EVERY_MS) {
    await pause(Math.max(0, next - performance.now()));
    const fault = draw(random, ended);
    const run = {
      ...fault,
      utc: Date.now() / 1000,
      wasWell: house.isFlowing && (await house.isReady()),
      refused: null,
    };
    await house.inject(fault).catch((error) => {
      run.refused = error.message;
    });
    injected.push(run);
    console.error(`${injected.length} ${nameOf(fault)}${run.wasWell ? '' : ' (not well before)'}${run.refused ?? ''}`);
    keep({ injected, accounts: watch.accounts });
  }
  await pause(Math.max(0, until - performance.now()));
  await pause(REST_MS);
  await house.healthy(60_000).catch(() => {});
  await watch.stop();
  await watch.look();
  await house.fetchPasses();
  const endedUtc = Date.now() / 1000;
  const { lost, ...passes } = passesBetween(startedUtc, endedUtc - 15, lap, house.passes);
  return {
    seed,
    minutes,
    injected,
    isWellAtTheEnd: house.isFlowing && (await house.isReady()),
    exits: house.exits,
    rings: {
      looks: watch.accounts.looks,
      violations: watch.accounts.violations,
      analyzers: watch.accounts.accounts.length,
      totals: watch.accounts.totals(),
    },
    passes: { ...passes, lost, ...passAccount(house) },
    wrongReady: watch.wrong,
    unavailableShare: watch.unready / Math.max(1, watch.readyLooks),
    memory: memoryOf(watch.samples),
    before: before.byName,
    after: watch.last.byName,
    newFiles: filesBelow(house.tmp).filter((file) => !filesBefore.includes(file)),
    everSeen: [...watch.everSeen.values()],
  };
}

/** What nobody ended: to be asked after the house has. */
export function orphans({ everSeen }) {
  return everSeen.filter(isAlive);
}

function draw(random, ended) {
  for (;;) {
    const fault = SHORT[Math.floor(random() * SHORT.length)];
    if (fault.kind === 'nothing') continue;
    const { ends } = fault;
    if (ends && performance.now() - (ended.get(ends) ?? -1e9) < FAULT_EVERY_MS + APART_MS) continue;
    if (ends) ended.set(ends, performance.now());
    return { ...fault, ...(fault.seconds && { seconds: Math.min(fault.seconds, LONGEST_S) }) };
  }
}

function memoryOf(samples) {
  const line = (points) => {
    const found = slope(points);
    if (!found) return null;
    const { perX, low, high, ...rest } = found;
    return { mibPerHour: perX, low, high, ...rest };
  };
  const of = (read) => line(samples.map((sample) => [sample.hours, read(sample)]).filter(([, y]) => y !== undefined));
  const names = [...new Set(samples.flatMap(({ byName }) => Object.keys(byName)))];
  return {
    whole: of(({ pssMib }) => pssMib),
    ...Object.fromEntries(names.map((name) => [name, of(({ byName }) => byName[name]?.pssMib)])),
  };
}

class Watch {
  accounts = new Accounts();
  samples = [];
  everSeen = new Map();
  wrong = 0;
  unready = 0;
  readyLooks = 0;
  last = null;
  isOver = false;

  constructor(house) {
    this.house = house;
    this.startedMs = performance.now();
  }

  start() {
    this.loops = [this.lookOften(), this.askReady()];
  }

  async stop() {
    this.isOver = true;
    await Promise.all(this.loops);
  }

  async lookOften() {
    while (!this.isOver) {
      await this.look();
      await this.house.fetchPasses();
      await pause(LOOK_EVERY_MS);
    }
  }

  async askReady() {
    while (!this.isOver) {
      const isReady = await this.house.isReady();
      this.readyLooks += 1;
      if (!isReady) this.unready += 1;
      else if (performance.now() - this.house.lastFrameMs > WRONG_AFTER_MS) this.wrong += 1;
      await pause(READY_EVERY_MS);
    }
  }

  async look() {
    this.last = census(this.house.system.pid);
    for (const one of this.last.processes) this.everSeen.set(`${one.pid} ${one.startTicks}`, one);
    const analyzer = this.last.processes.find(({ name }) => name === 'analyzer');
    // A house that is half away says nothing of its memory.
    if (this.house.isFlowing) {
      const hours = (performance.now() - this.startedMs) / 3_600_000;
      this.samples.push({ hours, pssMib: this.last.pssMib, byName: this.last.byName });
    }
    const metrics = await this.house.metrics().catch(() => null);
    if (analyzer && metrics) this.accounts.look(metrics, analyzer.pid, Date.now() / 1000);
  }
}

/** The same numbers for the same seed. */
function mulberry32(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
