/**
 * The predecessor over the same passes, for the column beside the judge's, from its own equations: a Kalman filter with
 * constant velocity on the centre of the box, speeds between neighbouring filtered places, and its scorer (the run of
 * rows whose box overlaps the zone, the time in it at no more than 20 px/s, the 5th percentile of the speed, its three
 * verdicts). That the filter is the right one is shown by `publishedRow()`, which repeats the experiment whose result
 * was published. It knows pixels only, so the picture's size matters: here 1280 × 720.
 */
import { seededRandom } from '../dist/sim/random.js';

const STOP_PX_S = 20;
/** Variance of a measured centre, px², and of the acceleration that the filter expects, px²/s⁴. */
const MEASUREMENT = 1;
const ACCELERATION = 0.1;
const FIRST_VARIANCE = 1000;
/** The raw speed is the median of so many differences, smoothed by half; it begins with the sixth place. */
const DIFFERENCES = 5;
const SMOOTHING = 0.5;

/** One axis of the filter: it begins at 0, not at the first box, and its first step lasts a whole second. */
class Axis {
  place = 0;
  speed = 0;
  #p00 = FIRST_VARIANCE;
  #p01 = 0;
  #p11 = FIRST_VARIANCE;

  step(measured, dt) {
    this.place += dt * this.speed;
    const p00 = this.#p00 + 2 * dt * this.#p01 + dt * dt * this.#p11 + (ACCELERATION * dt ** 4) / 4;
    const p01 = this.#p01 + dt * this.#p11 + (ACCELERATION * dt ** 3) / 2;
    const p11 = this.#p11 + ACCELERATION * dt ** 2;
    const gain0 = p00 / (p00 + MEASUREMENT);
    const gain1 = p01 / (p00 + MEASUREMENT);
    const miss = measured - this.place;
    this.place += gain0 * miss;
    this.speed += gain1 * miss;
    this.#p00 = (1 - gain0) * p00;
    this.#p01 = (1 - gain0) * p01;
    this.#p11 = p11 - gain1 * p01;
    return this.place;
  }
}

/** Pixels per second at each of the centres { t, x, y }. */
function rawSpeeds(centres) {
  const [x, y] = [new Axis(), new Axis()];
  const places = [];
  let speed = 0;
  return centres.map((centre, i) => {
    const dt = i === 0 ? 1 : centre.t - centres[i - 1].t;
    places.push([x.step(centre.x, dt), y.step(centre.y, dt)]);
    if (places.length <= DIFFERENCES) return 0;
    const steps = [];
    for (let k = i - DIFFERENCES + 1; k <= i; k++) {
      const way = Math.hypot(places[k][0] - places[k - 1][0], places[k][1] - places[k - 1][1]);
      steps.push(way / (centres[k].t - centres[k - 1].t));
    }
    speed = SMOOTHING * percentile(steps, 0.5) + (1 - SMOOTHING) * speed;
    return speed;
  });
}

export function predecessor(site, samples) {
  const centres = samples.map(({ tsUtc, box: [x1, y1, x2, y2] }) => ({ t: tsUtc, x: (x1 + x2) / 2, y: (y1 + y2) / 2 }));
  const speeds = rawSpeeds(centres);
  const run = longestRun(samples.map(({ box }) => overlaps(box, site.stop_zone)));
  if (!run) return null;
  const [first, last] = run;
  const timeInZone = centres[last].t - centres[first].t;
  let stopDuration = 0;
  for (let i = first + 1; i <= last; i++) {
    if (speeds[i] <= STOP_PX_S) stopDuration += centres[i].t - centres[i - 1].t;
  }
  const minSpeed = percentile(speeds.slice(first, last + 1), 0.05);
  const isFull = timeInZone >= 2 && stopDuration >= 1.2 && minSpeed < 12;
  return { stopDuration, minSpeed, timeInZone, verdict: isFull ? 'full' : timeInZone >= 1.5 ? 'rolling' : 'no' };
}

/**
 * Mean stop duration that it reads of stands of 0.25, 0.5, 1, 2 and 3 s under the published conditions: 150 px/s for
 * 3 s, brake 90, pull 60 px/s², 15 frames a second, centres off by 0.5 px.
 */
export function publishedRow(passes = 40) {
  const [approach, brake, pull, fps, noise, before] = [150, 90, 60, 15, 0.5, 3];
  const way = (t, stand) => {
    const braking = approach / brake;
    const left = before + braking - t;
    if (t < before) return approach * t;
    const rest = approach * (before + braking / 2);
    if (left > 0) return rest - (brake * left * left) / 2;
    const gone = -left - stand;
    if (gone <= 0) return rest;
    const run = approach / pull;
    return rest + (gone < run ? (pull * gone * gone) / 2 : approach * (gone - run / 2));
  };
  return [0.25, 0.5, 1, 2, 3].map((stand) => {
    let sum = 0;
    for (let seed = 1; seed <= passes; seed++) {
      const random = seededRandom(seed, `published ${stand}`);
      const count = Math.floor((before + approach / brake + stand + 6) * fps);
      const centres = Array.from({ length: count }, (_, i) => ({
        t: i / fps,
        x: 1600 - way(i / fps, stand) + noise * random.normal(),
        y: 400 + noise * random.normal(),
      }));
      rawSpeeds(centres).forEach((speed, i) => {
        if (centres[i].t > before && speed <= STOP_PX_S) sum += 1 / fps;
      });
    }
    return sum / passes;
  });
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
