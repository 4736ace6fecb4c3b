/**
 * The little linear algebra that the domain needs: small dense systems and symmetric eigenvectors. Matrices are
 * row-major arrays of length n·n. Pure; called by the homography and by the fits of the judge.
 */

/** Solves A x = b (n × n) by Gauss elimination with partial pivoting; null where A is singular to working precision. */
export function solve(a: readonly number[], b: readonly number[]): number[] | null {
  const n = b.length;
  const m = a.slice();
  const x = b.slice();
  for (let col = 0; col < n; col++) {
    let pivot = col;
    for (let row = col + 1; row < n; row++) {
      if (Math.abs(m[row * n + col] as number) > Math.abs(m[pivot * n + col] as number)) pivot = row;
    }
    const p = m[pivot * n + col] as number;
    if (!(Math.abs(p) > 1e-14)) return null;
    if (pivot !== col) {
      for (let k = 0; k < n; k++) {
        const swap = m[col * n + k] as number;
        m[col * n + k] = m[pivot * n + k] as number;
        m[pivot * n + k] = swap;
      }
      const swap = x[col] as number;
      x[col] = x[pivot] as number;
      x[pivot] = swap;
    }
    for (let row = col + 1; row < n; row++) {
      const f = (m[row * n + col] as number) / p;
      if (f === 0) continue;
      for (let k = col; k < n; k++) m[row * n + k] = (m[row * n + k] as number) - f * (m[col * n + k] as number);
      x[row] = (x[row] as number) - f * (x[col] as number);
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = x[row] as number;
    for (let k = row + 1; k < n; k++) sum -= (m[row * n + k] as number) * (x[k] as number);
    x[row] = sum / (m[row * n + row] as number);
  }
  return x;
}

/** Inverse of a small matrix, or null. */
export function invert(a: readonly number[], n: number): number[] | null {
  const out = new Array<number>(n * n).fill(0);
  for (let col = 0; col < n; col++) {
    const e = new Array<number>(n).fill(0);
    e[col] = 1;
    const x = solve(a, e);
    if (!x) return null;
    for (let row = 0; row < n; row++) out[row * n + col] = x[row] as number;
  }
  return out;
}

/** Eigenvalues (ascending) and unit eigenvectors of a symmetric matrix by cyclic Jacobi rotations. */
export function symmetricEigen(a: readonly number[], n: number): { values: number[]; vectors: number[][] } {
  const m = a.slice();
  const v = new Array<number>(n * n).fill(0);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) off += (m[i * n + j] as number) ** 2;
    if (off < 1e-30) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(m, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => (m[i * n + i] as number) - (m[j * n + j] as number),
  );
  return {
    values: order.map((i) => m[i * n + i] as number),
    vectors: order.map((i) => Array.from({ length: n }, (_, k) => v[k * n + i] as number)),
  };
}

function rotate(m: number[], v: number[], n: number, p: number, q: number): void {
  const apq = m[p * n + q] as number;
  if (Math.abs(apq) < 1e-300) return;
  const theta = ((m[q * n + q] as number) - (m[p * n + p] as number)) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const kp = m[k * n + p] as number;
    const kq = m[k * n + q] as number;
    m[k * n + p] = c * kp - s * kq;
    m[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const pk = m[p * n + k] as number;
    const qk = m[q * n + k] as number;
    m[p * n + k] = c * pk - s * qk;
    m[q * n + k] = s * pk + c * qk;
    const vp = v[k * n + p] as number;
    const vq = v[k * n + q] as number;
    v[k * n + p] = c * vp - s * vq;
    v[k * n + q] = s * vp + c * vq;
  }
}
