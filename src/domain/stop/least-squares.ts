/** Levenberg–Marquardt for the few-parameter models of the judge; derivatives by differences. Pure. */
import { invert, solve } from '../geometry/linear-algebra.ts';

export interface CurveFit {
  readonly parameters: readonly number[];
  /** Sum of squared (weighted) residuals. */
  readonly cost: number;
  /** Inverse of JᵀJ, row-major; null where the data do not determine the parameters. */
  readonly covariance: readonly number[] | null;
}

/** What is held of a parameter before the data: keeps a fit from running away where they say nothing. */
export interface Belief {
  readonly parameter: number;
  readonly value: number;
  readonly sigma: number;
}

/** Fits `model(parameters, t)` to the samples; `steps` are the difference steps and the scale of each parameter. */
export function fitCurve(
  t: readonly number[],
  s: readonly number[],
  sigma: readonly number[],
  model: (parameters: readonly number[], t: number) => number,
  start: readonly number[],
  steps: readonly number[],
  beliefs: readonly Belief[] = [],
): CurveFit {
  const n = start.length;
  const residuals = (p: readonly number[]) => [
    ...t.map((time, i) => ((s[i] as number) - model(p, time)) / (sigma[i] as number)),
    ...beliefs.map((belief) => (belief.value - (p[belief.parameter] as number)) / belief.sigma),
  ];
  const costOf = (r: readonly number[]) => r.reduce((sum, v) => sum + v * v, 0);
  let p = start.slice();
  let r = residuals(p);
  let cost = costOf(r);
  let damping = 1e-2;
  let jtj: number[] = [];
  for (let iteration = 0; iteration < 40; iteration++) {
    const columns = p.map((value, k) => {
      const step = steps[k] as number;
      const up = residuals(p.map((v, i) => (i === k ? value + step : v)));
      const down = residuals(p.map((v, i) => (i === k ? value - step : v)));
      return up.map((v, i) => (v - (down[i] as number)) / (2 * step));
    });
    jtj = normalMatrix(columns);
    const jtr = columns.map((column) => -column.reduce((sum, v, i) => sum + v * (r[i] as number), 0));
    let isBetter = false;
    for (let attempt = 0; attempt < 8 && !isBetter; attempt++) {
      const damped = jtj.map((v, i) => (i % (n + 1) === 0 ? v * (1 + damping) + 1e-12 : v));
      const delta = solve(damped, jtr);
      const next = delta ? p.map((value, k) => value + (delta[k] as number)) : p;
      const nextResiduals = residuals(next);
      const nextCost = costOf(nextResiduals);
      if (nextCost < cost) {
        const gain = cost - nextCost;
        p = next;
        r = nextResiduals;
        cost = nextCost;
        damping = Math.max(1e-9, damping / 8);
        isBetter = true;
        if (gain < 1e-7 * (1 + cost)) return { parameters: p, cost, covariance: covarianceOf(jtj, n) };
      } else damping *= 8;
    }
    if (!isBetter) break;
  }
  return { parameters: p, cost, covariance: covarianceOf(jtj, n) };
}

/** A parameter that the data do not touch gets a huge variance and leaves the others alone. */
function covarianceOf(jtj: readonly number[], n: number): number[] | null {
  return invert(
    jtj.map((v, i) => (i % (n + 1) === 0 ? v + 1e-9 : v)),
    n,
  );
}

function normalMatrix(columns: readonly (readonly number[])[]): number[] {
  const n = columns.length;
  const out = new Array<number>(n * n).fill(0);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const a = columns[i] as readonly number[];
      const b = columns[j] as readonly number[];
      let sum = 0;
      for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
      out[i * n + j] = sum;
      out[j * n + i] = sum;
    }
  }
  return out;
}

/** Two-sided quantile of the normal distribution for a confidence such as 0.95 (Acklam's approximation, 1e-9). */
export function normalQuantile(confidence: number): number {
  const p = (1 + confidence) / 2;
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  const horner = (k: readonly number[], x: number) => k.reduce((sum, v) => sum * x + v, 0);
  if (p < 0.97575) {
    const q = p - 0.5;
    return (horner(a, q * q) * q) / horner(b, q * q);
  }
  const q = Math.sqrt(-2 * Math.log(1 - p));
  return -horner(c, q) / horner(d, q);
}
