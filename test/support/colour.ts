/** Arithmetic of colours for tests: contrast as WCAG 2.2 has it, and what a colour-blind eye makes of them. Pure. */

export type Rgb = readonly [r: number, g: number, b: number];
export type Sight = 'normal' | 'protan' | 'deutan';

/** Both sides of every `light-dark(#…, #…)` of a style sheet, by variable name; a single colour counts for both. */
export function tokenColours(css: string): ReadonlyMap<string, { readonly light: Rgb; readonly dark: Rgb }> {
  const found = css.matchAll(/--([\w-]+):\s*(?:light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)|(#[0-9a-f]{6}));/g);
  return new Map(
    [...found].map(([, name = '', light, dark, both = '']) => [
      name,
      { light: parseHex(light ?? both), dark: parseHex(dark ?? both) },
    ]),
  );
}

/** `#rrggbb` to 0 … 1. */
export function parseHex(hex: string): Rgb {
  const at = (i: number) => Number.parseInt(hex.slice(i, i + 2), 16) / 255;
  return [at(1), at(3), at(5)];
}

/** 1 … 21 (WCAG 2.2, contrast ratio). */
export function contrast(a: Rgb, b: Rgb): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Full dichromacy by the matrices of Machado, Oliveira and Fernandes (2009), severity 1, in linear light. */
const SIGHTS: Readonly<Record<Exclude<Sight, 'normal'>, readonly Rgb[]>> = {
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** How far apart two colours look (CIE 1976 ΔE in L*a*b*, D65): about 2 can just be told apart side by side. */
export function distance(a: Rgb, b: Rgb, sight: Sight = 'normal'): number {
  const [p, q] = [lab(seen(linear(a), sight)), lab(seen(linear(b), sight))];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

function seen(light: Rgb, sight: Sight): Rgb {
  if (sight === 'normal') return light;
  const [r, g, b] = SIGHTS[sight].map((row) => Math.min(1, Math.max(0, dot(row, light))));
  return [r ?? 0, g ?? 0, b ?? 0];
}

function linear(colour: Rgb): Rgb {
  const one = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return [one(colour[0]), one(colour[1]), one(colour[2])];
}

function luminance(colour: Rgb): number {
  return dot([0.2126, 0.7152, 0.0722], linear(colour));
}

function lab(light: Rgb): Rgb {
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f(dot([0.4124564, 0.3575761, 0.1804375], light) / 0.95047);
  const y = f(dot([0.2126729, 0.7151522, 0.072175], light));
  const z = f(dot([0.0193339, 0.119192, 0.9503041], light) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function dot(a: Rgb, b: Rgb): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
