/**
 * The predecessor's scorer over the same passes, for the columns beside the judge's: the run of rows whose box overlaps
 * the zone, the time in it with a centre speed of at most 20 px/s, the 5th percentile of the speed, its three verdicts.
 * Its Kalman filter is not published in full, so its own speed cannot be computed; the scorer is fed twice instead: with
 * the exact speed of the box centre (better than its filter could ever be) and with differences of neighbouring frames.
 */
import { exactBox } from '../dist/sim/single-pass.js';

const STOP_PX_S = 20;
const STEP_S = 0.01;

export function predecessor(kind, site, pass, samples, truth, camera) {
  const rows = samples.map((sample, i) => ({
    t: sample.tsUtc,
    box: sample.box,
    speed: kind === 'exact' ? exactSpeed(pass, sample.tsUtc - START_UTC, truth, camera) : difference(samples, i),
  }));
  const run = longestRun(rows.map((row) => overlaps(row.box, site.stop_zone)));
  if (!run) return null;
  const [first, last] = run;
  const inside = rows.slice(first, last + 1);
  const timeInZone = inside.at(-1).t - inside[0].t;
  let stopDuration = 0;
  for (let i = 1; i < inside.length; i++) {
    if (inside[i].speed <= STOP_PX_S) stopDuration += inside[i].t - inside[i - 1].t;
  }
  const minSpeed = percentile(
    inside.map((row) => row.speed),
    0.05,
  );
  const isFull = timeInZone >= 2 && stopDuration >= 1.2 && minSpeed < 12;
  return { stopDuration, minSpeed, timeInZone, verdict: isFull ? 'full' : timeInZone >= 1.5 ? 'rolling' : 'no' };
}

const START_UTC = 1.7e9;

function exactSpeed(pass, t, { profile }, camera) {
  const centre = (time) => {
    const box = exactBox(camera, pass.body, profile.at(time).s, pass.offsetM);
    return box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  };
  const [a, b] = [centre(t - STEP_S), centre(t + STEP_S)];
  return a && b ? Math.hypot(b[0] - a[0], b[1] - a[1]) / (2 * STEP_S) : 0;
}

function difference(samples, i) {
  if (i === 0) return 0;
  const [before, now] = [samples[i - 1], samples[i]];
  const dx = (now.box[0] + now.box[2] - before.box[0] - before.box[2]) / 2;
  const dy = (now.box[1] + now.box[3] - before.box[1] - before.box[3]) / 2;
  return Math.hypot(dx, dy) / (now.tsUtc - before.tsUtc);
}

/** numpy's linear interpolation. */
function percentile(values, q) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const lo = Math.floor(at);
  return sorted[lo] + (at - lo) * ((sorted[lo + 1] ?? sorted[lo]) - sorted[lo]);
}

function longestRun(flags) {
  let best = null;
  for (let i = 0; i < flags.length; i++) {
    if (!flags[i]) continue;
    let j = i;
    while (flags[j + 1]) j++;
    if (!best || j - i > best[1] - best[0]) best = [i, j];
    i = j;
  }
  return best;
}

/** Whether box and polygon share an area: the polygon is cut by the box's four sides (Sutherland and Hodgman). */
function overlaps([x1, y1, x2, y2], polygon) {
  let points = polygon;
  for (const [axis, limit, sign] of [
    [0, x1, 1],
    [0, x2, -1],
    [1, y1, 1],
    [1, y2, -1],
  ]) {
    const kept = [];
    points.forEach((p, i) => {
      const q = points[(i + 1) % points.length];
      const [dp, dq] = [sign * (p[axis] - limit), sign * (q[axis] - limit)];
      if (dp > 0) kept.push(p);
      if (dp > 0 !== dq > 0) kept.push(p.map((v, k) => v + ((q[k] - v) * dp) / (dp - dq)));
    });
    points = kept;
  }
  return points.length > 2;
}
