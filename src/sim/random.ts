/** Seeded randomness of the simulation: the same seed and purpose give the same numbers everywhere. Pure. */

export interface Random {
  /** 0 ≤ u < 1 */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  between(lo: number, hi: number): number;
}

/** Mulberry32, its seed mixed (FNV-1a) with a word that keeps the streams of different purposes apart. */
export function seededRandom(seed: number, purpose = ''): Random {
  let a = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < purpose.length; i++) a = Math.imul(a ^ purpose.charCodeAt(i), 0x01000193) >>> 0;
  const uniform = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  let spare: number | null = null;
  const normal = () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    // Box–Muller
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal, between: (lo, hi) => lo + (hi - lo) * uniform() };
}
