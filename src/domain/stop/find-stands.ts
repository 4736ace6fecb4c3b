/** The stands among the samples of a pass, and whose they are: of a queue or at the line. Pure; called by judge-pass.ts. */
import { mixtureBelow } from './mixture.ts';
import type { Sample } from './sample.ts';
import { fitStand, type Stand } from './stand-fit.ts';
import type { Trajectory } from './trajectory.ts';

/** Closer than this to the line, a stand is a stand at the line whoever is in front. */
export const AT_LINE_M = 3;
/** Boxes of standing vehicles drift with light and detector: slower than this is no motion. */
const CREEP_FLOOR_MPS = 0.2;
const MERGE_S = 0.25;
const SAME_PLACE_M = 0.5;
/** A true stand must not fail by chance: its creep speaks against it only when it is this far from 0. */
const SURELY_MOVING_SIGMAS = 3;
/** Less probable than this that there was no stand: its ramps leave no doubt, however short it was. */
const PLAINLY_STOOD = 0.025;

/** @param z normal quantile of the policy's confidence; stopSpeed in m/s */
export function findStands(trajectory: Trajectory, first: number, last: number, stopSpeed: number, z: number): Stand[] {
  const { t, s, speed, speedSigma } = trajectory;
  const stands: Stand[] = [];
  const hides = (i: number) => isSlowHole(trajectory, i) || isSlowHole(trajectory, i + 1);
  const low = (i: number) =>
    hides(i) || (speed[i] as number) < Math.min(1.2, Math.max(1.2 * stopSpeed, stopSpeed + (speedSigma[i] as number)));
  for (let i = first; i <= last; i++) {
    if (!low(i)) continue;
    let j = i;
    for (let k = i + 1; k <= last; k++) {
      // Hidden for a while and still at the same place: it stood on.
      const isSamePlace = Math.abs((s[k] as number) - (s[j] as number)) < SAME_PLACE_M;
      const isSameStand = k === j + 1 && (isSamePlace || isSlowHole(trajectory, k));
      if (!isSameStand && (t[k] as number) - (t[j] as number) > MERGE_S) break;
      if (low(k)) j = k;
    }
    const begin = isSlowHole(trajectory, i + 1) ? restAfter(trajectory, i) : (t[i] as number);
    const end = isSlowHole(trajectory, j) ? restBefore(trajectory, j) : (t[j] as number);
    const [from, to] = begin < end ? [begin, end] : [(begin + end) / 2, (begin + end) / 2];
    const stand = fitStand(trajectory, speed, from, to, trajectory.noise, trajectory.slow);
    i = j;
    if (!stand || !(stand.duration > 0)) continue;
    const creep = Math.abs(stand.creep);
    const isStill = creep <= Math.max(CREEP_FLOOR_MPS, SURELY_MOVING_SIGMAS * stand.creepSigma);
    const isSlow = creep + z * stand.creepSigma < stopSpeed;
    // Too short a stand to tell its speed by a line, but the way in and out leave no doubt that there is one.
    const isPlain = mixtureBelow(stand.durations, 0) < PLAINLY_STOOD;
    if (isStill && (isSlow || isPlain)) stands.push(stand);
  }
  return stands;
}

/** A time without samples before sample `i` in which it hardly got ahead: it may have stood there. */
function isSlowHole({ t, s }: Trajectory, i: number): boolean {
  if (i < 1 || i >= t.length) return false;
  const gap = (t[i] as number) - (t[i - 1] as number);
  return gap > HOLE_S && (s[i] as number) - (s[i - 1] as number) < SLOW_MPS * gap;
}

/** It went into the hole moving: where it will have come to rest, and from where it will have gone. First guesses. */
function restAfter({ t, speed }: Trajectory, i: number): number {
  return Math.min((t[i + 1] as number) - EDGE_S, (t[i] as number) + Math.max(0, speed[i] as number) / USUAL_MPS2);
}

function restBefore({ t, speed }: Trajectory, j: number): number {
  return Math.max((t[j - 1] as number) + EDGE_S, (t[j] as number) - Math.max(0, speed[j] as number) / USUAL_MPS2);
}

const USUAL_MPS2 = 2.2;
const EDGE_S = 0.02;
const HOLE_S = 0.6;
const SLOW_MPS = 0.7;

export function isQueued(trajectory: Trajectory, stand: Stand): boolean {
  return stand.at < -AT_LINE_M && shareOf(trajectory, stand, (lead) => lead.isBeforeLine) >= 0.5;
}

/** Share of the stand's samples with a vehicle in front of which `test` holds. */
export function shareOf(
  { t, samples }: Trajectory,
  stand: Stand,
  test: (lead: NonNullable<Sample['lead']>) => boolean,
): number {
  let all = 0;
  let some = 0;
  samples.forEach((sample, i) => {
    const time = t[i] as number;
    if (time < stand.from || time > stand.to) return;
    all++;
    if (sample.lead && test(sample.lead)) some++;
  });
  return all === 0 ? 0 : some / all;
}

/** The first sample at the line after a queue. */
export function afterQueue({ t, s }: Trajectory, queued: readonly Stand[], first: number, last: number): number {
  const gone = Math.max(...queued.map((stand) => stand.to));
  for (let i = first; i <= last; i++) if ((t[i] as number) > gone && (s[i] as number) >= -AT_LINE_M) return i;
  return last;
}
