/**
 * Least squares (Gauss–Newton with Levenberg's damping) for the few-parameter motions of the judge, with exact
 * derivatives and the noise of fit-noise.ts. Pure; the innermost loop of the judge, hence one flat scratch and plain
 * arithmetic: a column of `n` numbers for the residuals and one for each parameter.
 */
import { decorrelate, type FitNoise, product } from './fit-noise.ts';

export interface Motion {
  readonly size: number;
  /** Linear in its parameters: one step finds them. */
  readonly isLinear?: boolean;
  /** Position at time t; writes its derivatives by the parameters. */
  at(p: ArrayLike<number>, t: number, slope: Float64Array): number;
}

/** What is held of each parameter before the data: mean and standard deviation. */
export interface Belief {
  readonly mean: number;
  readonly sigma: number;
}

export interface FitData {
  readonly t: Float64Array;
  readonly s: Float64Array;
  readonly sigma: Float64Array;
}

export interface ModelFit {
  readonly p: readonly number[];
  /** Sum of squares of the data alone, and with the beliefs. */
  readonly dataCost: number;
  readonly cost: number;
  /** Row-major. */
  readonly covariance: readonly number[];
  /** ln of the determinant of the covariance. */
  readonly logVolume: number;
  /** ln of the evidence of motion and noise together (Laplace), but for a constant of the data. */
  readonly evidence: number;
}

const ITERATIONS = 14;
const ATTEMPTS = 6;
/** A step that gains less of −2 ln likelihood has arrived. */
const LEAST_GAIN = 1e-2;

/** null where data and beliefs together leave a parameter undetermined. */
export function fitMotion(
  motion: Motion,
  data: FitData,
  noise: FitNoise,
  start: readonly number[],
  beliefs: readonly Belief[],
): ModelFit | null {
  const n = data.t.length;
  const k = motion.size;
  const columns = scratch((k + 1) * (n + noise.slowCount));
  let p = Float64Array.from(start);
  let cost = evaluate(motion, data, noise, p, beliefs, columns);
  let damping = motion.isLinear ? 0 : 1e-3;
  const right = new Float64Array(k);
  const normal = new Float64Array(k * k);
  const factor = new Float64Array(k * k);
  const delta = new Float64Array(k);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    normalEquations(columns, noise, p, beliefs, normal, right);
    let isBetter = false;
    for (let attempt = 0; attempt < ATTEMPTS && !isBetter; attempt++) {
      factor.set(normal);
      for (let c = 0; c < k; c++) factor[c * (k + 1)] = (factor[c * (k + 1)] as number) * (1 + damping);
      if (!cholesky(factor, k)) return null;
      delta.set(right);
      solveFactored(factor, k, delta);
      const next = p.map((value, c) => value + (delta[c] as number));
      const nextCost = evaluate(motion, data, noise, next, beliefs, columns);
      if (nextCost.all <= cost.all) {
        const gain = cost.all - nextCost.all;
        p = next;
        cost = nextCost;
        damping = Math.max(1e-9, damping / 10);
        isBetter = true;
        if (gain < LEAST_GAIN || motion.isLinear) iteration = ITERATIONS;
      } else damping = Math.max(1e-3, damping * 10);
    }
    if (!isBetter) break;
  }
  factor.set(normal);
  if (!cholesky(factor, k)) return null;
  let logVolume = 0;
  for (let c = 0; c < k; c++) logVolume -= 2 * Math.log(factor[c * (k + 1)] as number);
  const covariance = new Array<number>(k * k);
  for (let c = 0; c < k; c++) {
    delta.fill(0);
    delta[c] = 1;
    solveFactored(factor, k, delta);
    for (let r = 0; r < k; r++) covariance[r * k + c] = delta[r] as number;
  }
  if (noise.widening.length > 0) {
    evaluate(motion, data, noise, p, beliefs, columns);
    widen(covariance, columns, noise.widening, n, k);
  }
  const evidence = noise.logOdds - (cost.all + noise.logDeterminant - logVolume) / 2;
  return { p: Array.from(p), dataCost: cost.data, cost: cost.all, covariance, logVolume, evidence };
}

let buffer = new Float64Array(8 * 256);

function scratch(length: number): Float64Array {
  if (buffer.length < length) buffer = new Float64Array(2 * length);
  return buffer;
}

/** Residuals and derivatives in units of the noise, into `columns`; returns the sums of squares. */
function evaluate(
  motion: Motion,
  { t, s }: FitData,
  noise: FitNoise,
  p: Float64Array,
  beliefs: readonly Belief[],
  columns: Float64Array,
): { data: number; all: number } {
  const n = t.length;
  const k = motion.size;
  const slope = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    const weight = noise.weight[i] as number;
    columns[i] = ((s[i] as number) - motion.at(p, t[i] as number, slope)) * weight;
    for (let c = 0; c < k; c++) columns[(c + 1) * n + i] = (slope[c] as number) * weight;
  }
  decorrelate(noise, columns, k + 1);
  const data = product(noise, columns, k + 1, 0, 0);
  let all = data;
  for (let c = 0; c < k; c++) {
    const { mean, sigma } = beliefs[c] as Belief;
    all += ((mean - (p[c] as number)) / sigma) ** 2;
  }
  return { data, all };
}

function normalEquations(
  columns: Float64Array,
  noise: FitNoise,
  p: Float64Array,
  beliefs: readonly Belief[],
  normal: Float64Array,
  right: Float64Array,
): void {
  const k = right.length;
  for (let a = 0; a < k; a++) {
    const { mean, sigma } = beliefs[a] as Belief;
    right[a] = product(noise, columns, k + 1, a + 1, 0) + (mean - (p[a] as number)) / (sigma * sigma);
    for (let b = a; b < k; b++) {
      const both = product(noise, columns, k + 1, a + 1, b + 1) + (a === b ? 1 / (sigma * sigma) : 0);
      normal[a * k + b] = both;
      normal[b * k + a] = both;
    }
  }
}

/** Adds what slow errors of one standard deviation each would move the parameters by. */
function widen(covariance: number[], columns: Float64Array, shapes: Float64Array, n: number, k: number): void {
  const own = covariance.slice();
  const pull = new Float64Array(k);
  for (let base = 0; base < shapes.length; base += n) {
    for (let c = 0; c < k; c++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (columns[(c + 1) * n + i] as number) * (shapes[base + i] as number);
      pull[c] = sum;
    }
    const moved = Array.from({ length: k }, (_, r) =>
      pull.reduce((sum, value, c) => sum + (own[r * k + c] as number) * value, 0),
    );
    for (let i = 0; i < k * k; i++) {
      covariance[i] = (covariance[i] as number) + (moved[Math.floor(i / k)] as number) * (moved[i % k] as number);
    }
  }
}

/** In place, lower triangle; false when not positive definite. */
function cholesky(m: Float64Array, k: number): boolean {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let v = m[i * k + j] as number;
      for (let c = 0; c < j; c++) v -= (m[i * k + c] as number) * (m[j * k + c] as number);
      if (i === j) {
        if (!(v > 1e-300)) return false;
        m[i * k + i] = Math.sqrt(v);
      } else m[i * k + j] = v / (m[j * k + j] as number);
    }
  }
  return true;
}

function solveFactored(l: Float64Array, k: number, x: Float64Array): void {
  for (let i = 0; i < k; i++) {
    let v = x[i] as number;
    for (let c = 0; c < i; c++) v -= (l[i * k + c] as number) * (x[c] as number);
    x[i] = v / (l[i * k + i] as number);
  }
  for (let i = k - 1; i >= 0; i--) {
    let v = x[i] as number;
    for (let c = i + 1; c < k; c++) v -= (l[c * k + i] as number) * (x[c] as number);
    x[i] = v / (l[i * k + i] as number);
  }
}
