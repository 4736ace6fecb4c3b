/** Can everybody read the page, and tell the verdicts apart? By computation over the style sheets. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TRUTH_INK, trackInk, VERDICT_INK } from '../../../src/web/overlay/palette.ts';
import { contrast, distance, parseHex, type Rgb, type Sight, tokenColours } from '../../support/colour.ts';

const STYLES = 'src/web/styles';
const tokens = tokenColours(readFileSync(`${STYLES}/tokens.css`, 'utf8'));
const THEMES = ['light', 'dark'] as const;
const token = (name: string, theme: (typeof THEMES)[number]): Rgb => {
  const found = tokens.get(name)?.[theme];
  if (!found) throw new Error(`no colour --${name}`);
  return found;
};
const GROUNDS = ['bg', 'surface', 'surface-sunk', 'surface-hover'];
/** Coloured words stand on their own soft ground, or on the page's. */
const TONES = ['full', 'rolling', 'none', 'unsure', 'truth'];
const STATES = ['approaching', 'in_zone', 'stopped', 'leaving', 'moving'] as const;
const INKS = ['text', 'text-soft', 'text-quiet', 'accent', 'accent-strong', ...TONES];

describe('the colours of text', () => {
  it('have 4.5 : 1 on every ground they stand on, light and dark (WCAG AA)', () => {
    const pairs = [
      ...INKS.flatMap((ink) => GROUNDS.map((ground) => [ink, ground] as const)),
      ...TONES.map((tone) => [tone, `${tone}-soft`] as const),
      ...['text', 'text-soft', 'text-quiet', 'accent'].map((ink) => [ink, 'accent-soft'] as const),
      ['accent-text', 'accent'] as const,
      ['accent-text', 'accent-strong'] as const,
    ];
    const faint = THEMES.flatMap((theme) =>
      pairs
        .map(([ink, ground]) => ({ ink, ground, theme, ratio: contrast(token(ink, theme), token(ground, theme)) }))
        .filter(({ ratio }) => ratio < 4.5),
    );
    expect(faint).toEqual([]);
  });

  it('are all among those', () => {
    const known = new Set([...INKS, 'accent-text']);
    const used = readdirSync(STYLES).flatMap((file) =>
      [...readFileSync(`${STYLES}/${file}`, 'utf8').matchAll(/^\s*color:\s*var\(--([\w-]+)\);/gm)].map(
        ([, name]) => name ?? '',
      ),
    );
    expect(used.length).toBeGreaterThan(60);
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
  });

  it('have it on the labels over the picture, on a white car', () => {
    // 82 % of the label's dark over white.
    const label = parseHex('#0f1216').map((channel) => channel * 0.82 + 0.18) as unknown as Rgb;
    const words = ['#ffffff', '#cbd5e1'];
    expect(words.filter((ink) => contrast(parseHex(ink), label) < 4.5)).toEqual([]);
    // Marks are graphics, which need 3 : 1 (1.4.11).
    const marks = [
      TRUTH_INK,
      ...STATES.map((state) => trackInk({ state, is_parked: false })),
      ...Object.values(VERDICT_INK),
    ];
    expect(marks.filter((ink) => contrast(parseHex(ink), label) < 3)).toEqual([]);
  });

  it('would be told apart from grey on grey', () => {
    expect(contrast(parseHex('#999999'), parseHex('#ffffff'))).toBeCloseTo(2.85, 2);
    expect(contrast(parseHex('#000000'), parseHex('#ffffff'))).toBeCloseTo(21, 5);
  });
});

const SIGHTS: readonly Sight[] = ['normal', 'protan', 'deutan'];
/** Twice of what is easily seen side by side. */
const APART = 10;

function tooClose(colours: Readonly<Record<string, Rgb>>): string[] {
  const named = Object.entries(colours);
  return SIGHTS.flatMap((sight) =>
    named.flatMap(([a, first], i) =>
      named
        .slice(i + 1)
        .map(([b, second]) => ({ b, apart: distance(first, second, sight) }))
        .filter(({ apart }) => apart < APART)
        .map(({ b, apart }) => `${sight}: ${a} and ${b} are ${apart.toFixed(1)} apart`),
    ),
  );
}

describe('the colours of the verdicts', () => {
  it('are apart for eyes without red and without green: over the picture', () => {
    const inks = Object.entries(VERDICT_INK).map(([name, ink]) => [name, parseHex(ink)] as const);
    expect(tooClose(Object.fromEntries(inks))).toEqual([]);
  });

  it.each(THEMES)('so on the page (%s): words and bars', (theme) => {
    const of = (suffix: string) =>
      Object.fromEntries(
        ['full', 'rolling', 'none', 'unsure'].map((name) => [`${name}${suffix}`, token(`${name}${suffix}`, theme)]),
      );
    expect(tooClose(of(''))).toEqual([]);
    expect(tooClose(of('-fill'))).toEqual([]);
  });

  it('of a traffic light would not be', () => {
    expect(tooClose({ red: parseHex('#b04040'), green: parseHex('#607a30') })).not.toEqual([]);
  });
});
