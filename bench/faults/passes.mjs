/** Which passes there should have been: the demo's clip keeps time with the wall clock, so one lap tells of all. */
import { pause } from './pause.mjs';

export const LAP_S = 60;
/** Passes are expected at the same moment of each lap, give or take. */
const SAME_S = 2.5;
/** A pass is told and stored so long after its end. */
const TOLD_AFTER_S = 8;

/** A whole lap without a fault, and what was judged in it. */
export async function passesOfOneLap(house) {
  const fromUtc = Date.now() / 1000;
  await pause((LAP_S + TOLD_AFTER_S) * 1000);
  await house.fetchPasses();
  return house.passes
    .filter(({ entered_utc }) => entered_utc >= fromUtc - 2 && entered_utc < fromUtc + LAP_S - 2)
    .map((pass) => ({
      phase: pass.entered_utc % LAP_S,
      seconds: pass.exited_utc - pass.entered_utc,
      verdict: pass.verdict,
    }));
}

/**
 * What became of the passes whose vehicle was in view between two moments: each is found, found but incomplete, or lost.
 * Those that may still come are left out.
 */
export function passesBetween(fromUtc, toUtc, lap, passes) {
  const count = { expected: 0, incomplete: 0, lost: [] };
  for (const { phase, seconds } of lap) {
    for (let n = Math.floor(fromUtc / LAP_S) - 1; n * LAP_S <= toUtc; n += 1) {
      const entered = n * LAP_S + phase;
      const exited = entered + seconds;
      if (entered > toUtc || exited < fromUtc || exited + TOLD_AFTER_S > Date.now() / 1000) continue;
      count.expected += 1;
      const found = passes.find((pass) => {
        return Math.abs(pass.exited_utc - exited) < SAME_S || Math.abs(pass.entered_utc - entered) < SAME_S;
      });
      if (!found) count.lost.push({ phase, enteredUtc: entered });
      else if (!found.complete) count.incomplete += 1;
    }
  }
  return count;
}
