/** Mode A: each fault so many times, in turn, those that end a process with enough time in between. */
import { APART_MS } from './catalog.mjs';
import { suffer } from './injection.mjs';
import { pause } from './pause.mjs';

/** @param onRun told after each with all so far */
export async function rounds(house, faults, { times, minutes, onRun }) {
  const left = faults.map((fault) => ({ fault, times }));
  const ended = new Map();
  const until = performance.now() + minutes * 60_000;
  const runs = [];
  const isRipe = ({ fault: { ends } }) => !ends || performance.now() - (ended.get(ends) ?? -1e9) > APART_MS;
  while (left.some((one) => one.times > 0) && performance.now() < until && !house.hasEnded) {
    // What has to wait for its turn most goes first; then what was done least.
    const ripe = left.filter((one) => one.times > 0 && isRipe(one));
    const next = ripe.sort((a, b) => Number(!!b.fault.ends) - Number(!!a.fault.ends) || b.times - a.times)[0];
    if (!next) {
      await pause(500);
      continue;
    }
    next.times -= 1;
    const { fault } = next;
    try {
      runs.push(await suffer(house, fault));
      onRun(runs);
      console.error(line(runs.length, runs.at(-1)));
    } catch (error) {
      console.error(`${fault.room} ${fault.kind}: ${error.message}`);
    }
    if (fault.ends) ended.set(fault.ends, performance.now());
  }
  return runs;
}

function line(n, { room, kind, detectedMs, cause, recoveredMs, framesLost, exits, wrong }) {
  const s = (ms) => (ms === null ? '–' : `${(ms / 1000).toFixed(2)} s`);
  return `${n} ${room} ${kind}: detected ${s(detectedMs)} (${cause}) recovered ${s(recoveredMs)} frames ${framesLost} exits ${JSON.stringify(exits)} wrong ${wrong}`;
}
