/**
 * Least squares (Gauss–Newton with Levenberg's damping) for the few-parameter motions of the judge, with exact
 * derivatives and drifting noise (see drift-noise.ts). Pure.
 */
import { invert, solve } from '../geometry/linear-algebra.ts';
import { type Whitening, whiten } from './drift-noise.ts';

export interface Motion {
  readonly size: number;
  /** Position at time t; writes its derivatives by the parameters. */
  at(p: readonly number[], t: number, slope: Float64Array): number;
}

/** What is held of each parameter before the data: mean and standard deviation (Infinity: nothing). */
export interface Belief {
  readonly mean: number;
  readonly sigma: number;
}

export interface ModelFit {
  readonly p: readonly number[];
  /** Sum of squares of the data alone, and with the beliefs. */
  readonly dataCost: number;
  readonly cost: number;
  /** For noise of scale 1; row-major. */
  readonly covariance: readonly number[];
  /** ln of the determinant of the covariance. */
  readonly logVolume: number;
}

const ITERATIONS = 14;

/** null where data and beliefs together leave a parameter undetermined. */
export function fitMotion(
  motion: Motion,
  data: { readonly t: Float64Array; readonly s: Float64Array; readonly sigma: Float64Array },
  noise: Whitening,
  scale: number,
  start: readonly number[],
  beliefs: readonly Belief[],
): ModelFit | null {
  const { t, s, sigma } = data;
  const n = t.length;
  const k = motion.size;
  const slope = new Float64Array(k);
  const residual = new Float64Array(n);
  const columns = Array.from({ length: k }, () => new Float64Array(n));
  const evaluate = (p: readonly number[], withSlopes: boolean): { data: number; all: number } => {
    for (let i = 0; i < n; i++) {
      const weight = 1 / (scale * (sigma[i] as number));
      residual[i] = ((s[i] as number) - motion.at(p, t[i] as number, slope)) * weight;
      if (withSlopes) for (let c = 0; c < k; c++) (columns[c] as Float64Array)[i] = (slope[c] as number) * weight;
    }
    whiten(noise, residual);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (residual[i] as number) ** 2;
    let all = sum;
    for (let c = 0; c < k; c++) {
      const { mean, sigma: width } = beliefs[c] as Belief;
      all += ((mean - (p[c] as number)) / width) ** 2;
    }
    if (withSlopes) for (const column of columns) whiten(noise, column);
    return { data: sum, all };
  };

  let p = start.slice();
  let cost = evaluate(p, true);
  let damping = 1e-3;
  let normal = new Array<number>(k * k).fill(0);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const right = new Array<number>(k).fill(0);
    normal = new Array<number>(k * k).fill(0);
    for (let a = 0; a < k; a++) {
      const ca = columns[a] as Float64Array;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (ca[i] as number) * (residual[i] as number);
      const { mean, sigma: width } = beliefs[a] as Belief;
      right[a] = sum + (mean - (p[a] as number)) / (width * width);
      for (let b = a; b < k; b++) {
        const cb = columns[b] as Float64Array;
        let product = a === b ? 1 / (width * width) : 0;
        for (let i = 0; i < n; i++) product += (ca[i] as number) * (cb[i] as number);
        normal[a * k + b] = product;
        normal[b * k + a] = product;
      }
    }
    let isBetter = false;
    for (let attempt = 0; attempt < 6 && !isBetter; attempt++) {
      const damped = normal.map((v, i) => (i % (k + 1) === 0 ? v * (1 + damping) : v));
      const delta = solve(damped, right);
      if (!delta) return null;
      const next = p.map((value, c) => value + (delta[c] as number));
      const nextCost = evaluate(next, false);
      if (nextCost.all <= cost.all) {
        const gain = cost.all - nextCost.all;
        p = next;
        cost = evaluate(p, true);
        damping = Math.max(1e-9, damping / 10);
        isBetter = true;
        if (gain < 1e-3) iteration = ITERATIONS;
      } else damping = Math.max(1e-3, damping * 10);
    }
    if (!isBetter) break;
  }
  const covariance = invert(normal, k);
  if (!covariance) return null;
  return { p, dataCost: cost.data, cost: cost.all, covariance, logVolume: -logDeterminant(normal, k) };
}

/** Of a positive definite matrix, by Cholesky. */
function logDeterminant(a: readonly number[], n: number): number {
  const l = new Array<number>(n * n).fill(0);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let v = a[i * n + j] as number;
      for (let m = 0; m < j; m++) v -= (l[i * n + m] as number) * (l[j * n + m] as number);
      l[i * n + j] = i === j ? Math.sqrt(Math.max(1e-300, v)) : v / (l[j * n + j] as number);
    }
    sum += 2 * Math.log(l[i * n + i] as number);
  }
  return sum;
}
