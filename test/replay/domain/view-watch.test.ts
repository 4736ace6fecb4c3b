/** The view watch on a real picture that is shifted, turned, lit, covered and driven through. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type EdgeMap, edgeMap } from '../../../src/domain/view-watch/edge-map.ts';
import { type LumaGrid, type LumaPlane, lumaGrid } from '../../../src/domain/view-watch/luma-grid.ts';
import { Reference, registerView } from '../../../src/domain/view-watch/register-view.ts';
import type { ViewFinding } from '../../../src/domain/view-watch/view-finding.ts';
import { ViewWatch } from '../../../src/domain/view-watch/view-watch.ts';
import { seededRandom } from '../../../src/sim/random.ts';
import { demoPicture, half, lit, moved, noisy, pasted, redrawn } from '../../support/view-pictures.ts';

let view: LumaPlane;
beforeAll(async () => {
  view = half(await demoPicture());
});

/** A watch with a clock that goes on by a second a look. */
function watching(watch = new ViewWatch(), startUtc = 1_000) {
  let tsUtc = startUtc;
  const show = (picture: LumaPlane, times = 1): ViewFinding[] =>
    Array.from({ length: times }, () => watch.look(picture, tsUtc++));
  const states = (picture: LumaPlane, times = 1) => show(picture, times).map(({ state }) => state);
  return { watch, show, states, now: () => tsUtc };
}

/** One that has learned the view. */
function settled() {
  const one = watching();
  expect(one.states(view, 6)).toEqual(['learning', 'learning', 'learning', 'learning', 'steady', 'steady']);
  return one;
}

/** Against the view itself. */
function registered(picture: LumaPlane) {
  const [learned, look] = [view, picture].map((each) => edgeMap(lumaGrid(each) as LumaGrid)) as [EdgeMap, EdgeMap];
  return registerView(new Reference(learned), look);
}

const only = (states: readonly string[]) => [...new Set(states)];

describe('a camera that stays where it is', () => {
  it('is steady in every light from noon to lamplight, and back', () => {
    const { states } = settled();
    for (const gain of [1, 0.7, 0.4, 0.2, 0.1, 0.06, 0.1, 0.3, 0.8, 1]) {
      expect(only(states(noisy(lit(view, gain), 4, gain * 100), 4)), `light ${gain}`).toEqual(['steady']);
    }
  });

  it('is steady when the light changes at once and even when light and dark change places', () => {
    const { states } = settled();
    expect(only(states(lit(view, 0.15), 10))).toEqual(['steady']);
    expect(
      only(
        states(
          redrawn(view, (old) => 255 - old),
          10,
        ),
      ),
    ).toEqual(['steady']);
    expect(
      only(
        states(
          redrawn(view, (old, x) => (x < 200 ? old * 0.5 : old)),
          10,
        ),
      ),
    ).toEqual(['steady']);
  });

  it('is steady when lamps go on that draw other edges over most of it, and knows it by them after a minute', () => {
    const { states, show } = settled();
    const { width, height, y } = view;
    const isRedrawn = (col: number, row: number) => (Math.floor(col / 80) * 7 + Math.floor(row / 72) * 3) % 8 < 5;
    const lamplit = redrawn(view, (old, col, row) =>
      isRedrawn(col, row) ? (y[(height - 1 - row) * width + (width - 1 - col)] as number) : old,
    );
    const { matched } = registered(lamplit);
    expect(matched).toBeGreaterThan(0.2);
    expect(matched).toBeLessThan(0.4);
    expect(only(states(lamplit, 90))).toEqual(['steady']);
    expect(show(moved(lamplit, { dx: 20 }), 8).at(-1)?.state).toBe('moved');
  });

  it('is steady in noise and rain', () => {
    const { states } = settled();
    for (let look = 0; look < 10; look++) {
      const rain = redrawn(noisy(view, 12, look), (old, x, y) => ((x * 7 + y + look * 37) % 41 === 0 ? old + 60 : old));
      expect(states(rain)).toEqual(['steady']);
    }
  });

  it('is steady while vehicles fill a third of it', () => {
    const { states } = settled();
    const random = seededRandom(4, 'vehicles');
    for (let look = 0; look < 60; look++) {
      let picture = view;
      for (let i = 0; i < 3; i++) {
        const x = random.between(0, 0.7);
        picture = pasted(picture, x, 0.4, x + 0.3, 0.75, random.between(30, 230));
      }
      expect(states(picture), `look ${look}`).toEqual(['steady']);
    }
  });

  it('forgives a lorry that shakes the pole for two looks', () => {
    const { show, states } = settled();
    expect(show(moved(view, { dx: 15 }), 2).at(-1)?.state).toBe('doubtful');
    expect(only(states(view, 30))).toEqual(['steady']);
  });

  it('forgives wind: it sways by several pixels to both sides for minutes', () => {
    const { show } = settled();
    const random = seededRandom(2, 'wind');
    const sway = Array.from({ length: 17 }, (_, i) => moved(view, { dx: i - 8, dy: (i - 8) / 4 }));
    for (let look = 0; look < 180; look++) {
      const [finding] = show(sway[Math.floor(random.between(0, 17))] as LumaPlane);
      expect(finding?.suspension).toBeUndefined();
    }
  });
});

describe('a camera that is moved', () => {
  it.each([[{ dx: 20, dy: 0 }], [{ dx: -6, dy: 3 }], [{ dx: 0, dy: -4 }], [{ dx: 90, dy: -40 }]])(
    'by %o px is found out after eight looks, with the time of the first',
    (motion) => {
      const { show, states, now } = settled();
      const since = now();
      const picture = moved(view, motion);
      const findings = show(noisy(picture, 3, 1), 8);
      expect(findings.slice(0, 7).every(({ suspension }) => suspension === undefined)).toBe(true);
      const { state, suspension } = findings[7] as ViewFinding;
      expect(state).toBe('moved');
      expect(suspension).toMatchObject({ kind: 'moved', sinceUtc: since });
      expect(suspension?.shiftPx?.[0]).toBeCloseTo(motion.dx, -0.3);
      expect(suspension?.shiftPx?.[1]).toBeCloseTo(motion.dy, -0.3);
      expect(only(states(picture, 40))).toEqual(['moved']);
    },
  );

  it('is doubted from the first look on when it jumps far', () => {
    const { states } = settled();
    expect(states(moved(view, { dx: 20 }))).toEqual(['doubtful']);
  });

  it('does not complain of half a pixel', () => {
    const { states } = settled();
    expect(only(states(moved(view, { dx: 0.5 }), 40))).toEqual(['steady']);
  });

  it('is found out when it was only turned, or only zoomed', () => {
    const turned = settled()
      .show(moved(view, { turnDeg: 1.5 }), 8)
      .at(-1)?.suspension;
    expect(turned?.turnDeg).toBeCloseTo(1.5, 0);
    expect(Math.abs(turned?.shiftPx?.[0] ?? 9)).toBeLessThan(1);
    const zoomed = settled()
      .show(moved(view, { zoom: 1.03 }), 8)
      .at(-1)?.suspension;
    expect(zoomed?.zoom).toBeCloseTo(1.03, 2);
  });

  it('that shows something else altogether is found out within a minute, though nobody knows by how much', () => {
    const { show, states } = settled();
    const elsewhere = redrawn(
      view,
      (_, x, y) => view.y[(view.height - 1 - y) * view.width + (view.width - 1 - x)] ?? 0,
    );
    const findings = show(elsewhere, 60);
    expect(findings.at(-1)).toMatchObject({ state: 'moved', suspension: { shiftPx: null } });
    expect(findings.findIndex(({ state }) => state === 'doubtful')).toBeLessThan(4);
    expect(only(states(elsewhere, 30))).toEqual(['moved']);
  });

  it('is found out when it sinks by a pixel in ten minutes', { timeout: 30_000 }, () => {
    const { show } = settled();
    const found: number[] = [];
    for (let px = 0; px < 8 && found.length === 0; px += 0.2) {
      const findings = show(moved(view, { dy: px }), 60);
      if (findings.some(({ suspension }) => suspension?.kind === 'moved')) found.push(px);
    }
    expect(found[0]).toBeGreaterThan(1);
    expect(found[0]).toBeLessThan(4);
  });

  it('is steady by itself when it swings back, but not at the first look', () => {
    const { show, states, now } = settled();
    show(moved(view, { dx: 20 }), 10);
    expect(states(view, 14)).toEqual(Array(14).fill('moved'));
    expect(states(moved(view, { dx: 20 }))).toEqual(['moved']);
    expect(states(view, 14)).toEqual(Array(14).fill('moved'));
    const [finding] = show(view);
    expect(finding).toMatchObject({ state: 'steady', ended: { kind: 'moved', how: 'by_itself', untilUtc: now() - 1 } });
  });

  it('and sways in the wind where it is now is found out as well', () => {
    const { show } = settled();
    const sway = [14, 17, 20, 23, 26].map((dx) => moved(view, { dx }));
    const findings = Array.from({ length: 60 }, (_, look) => show(sway[(look * 3) % 5] as LumaPlane)[0] as ViewFinding);
    expect(findings.at(-1)?.suspension?.shiftPx?.[0]).toBeCloseTo(20, -1);
    expect(findings.slice(1, 40).every(({ state }) => state === 'doubtful' || state === 'moved')).toBe(true);
  });

  it('does not come back halfway between the two limits', () => {
    const { show, states } = settled();
    show(moved(view, { dx: 20 }), 10);
    expect(only(states(moved(view, { dx: 1.8 }), 60))).toEqual(['moved']);
  });

  it('stays so over a restart, and is steady on its new view once that was confirmed', () => {
    const first = settled();
    const picture = moved(view, { dx: 20 });
    first.show(picture, 10);
    const second = watching(new ViewWatch(first.watch.data()), 5_000);
    expect(second.watch.finding.state).toBe('moved');
    expect(only(second.states(picture, 30))).toEqual(['moved']);
    second.watch.confirm();
    expect(second.watch.finding).toMatchObject({ state: 'learning', ended: { kind: 'moved', how: 'confirmed' } });
    second.show(picture, 5);
    expect(only(second.states(picture, 30))).toEqual(['steady']);
    expect(second.show(view, 8).at(-1)?.state).toBe('moved');
  });

  it('while nobody looked is found out at the next start', () => {
    const first = settled();
    const second = watching(new ViewWatch(first.watch.data()), 90_000);
    expect(second.show(moved(view, { dx: 20 }), 8).at(-1)?.state).toBe('moved');
  });

  it('while it is learned is learned where it comes to rest', () => {
    const { states } = watching();
    states(view, 3);
    const rest = moved(view, { dx: 20 });
    expect(states(rest, 5).at(-1)).toBe('steady');
    expect(only(states(rest, 20))).toEqual(['steady']);
  });
});

describe('a view that is blocked', () => {
  const spider = (picture: LumaPlane) =>
    redrawn(picture, (old, x, y) => (x < 0.8 * picture.width ? 90 + 60 * Math.sin(x / 9 + Math.sin(y / 30) * 4) : old));

  it.each([
    [
      'a grey sheet',
      12,
      (p: LumaPlane) =>
        noisy(
          redrawn(p, () => 120),
          2,
          1,
        ),
    ],
    ['glare', 12, (p: LumaPlane) => redrawn(p, (old) => Math.max(235, old))],
    [
      'a cap in daylight',
      12,
      (p: LumaPlane) =>
        noisy(
          redrawn(p, () => 17),
          1,
          1,
        ),
    ],
    ['a lorry that parks in front of most of it', 30, (p: LumaPlane) => pasted(p, 0.05, 0, 0.8, 1, 200)],
    ['a spider that sits on four fifths of it', 30, spider],
  ] as const)('by %s is found out after %i s and clear again by itself', (_, afterS, cover) => {
    const { show, states, now } = settled();
    const since = now();
    const covered = cover(view);
    const findings = show(covered, afterS + 2);
    expect(findings[afterS - 1]?.state).not.toBe('blocked');
    expect(findings.at(-1)).toMatchObject({ state: 'blocked', suspension: { kind: 'blocked', sinceUtc: since } });
    expect(states(view, 9)).toEqual(Array(9).fill('blocked'));
    expect(show(view)[0]).toMatchObject({ state: 'steady', ended: { kind: 'blocked', how: 'by_itself' } });
  });

  it('is not: a bus waits in front of it for twenty seconds', () => {
    const { states } = settled();
    expect(states(pasted(view, 0.05, 0.1, 0.75, 1, 180), 20)).not.toContain('blocked');
    expect(only(states(view, 30))).toEqual(['steady']);
  });

  it('is not: night falls until nothing can be seen, and day comes back', () => {
    const { states } = settled();
    const seen: string[] = [];
    for (let i = 0; i <= 40; i++) seen.push(...states(noisy(lit(view, 0.85 ** i), 2, i), 3));
    expect(only(seen)).toEqual(['steady', 'dark']);
    expect(only(states(noisy(lit(view, 0), 2, 1), 120))).toEqual(['dark']);
    for (let i = 40; i >= 0; i--) seen.push(...states(noisy(lit(view, 0.85 ** i), 2, i), 3));
    expect(only(seen)).toEqual(['steady', 'dark']);
  });

  it('that was moved behind its cover is a moved camera when the cover is gone', () => {
    const { show } = settled();
    show(
      redrawn(view, () => 120),
      20,
    );
    expect(show(moved(view, { dx: 20 }), 8).at(-1)).toMatchObject({ state: 'moved', ended: { kind: 'blocked' } });
  });
});

describe('what it needs', () => {
  it('looks once a second of capture time, and when the clock was set back', () => {
    const { watch } = settled();
    expect(watch.isDue(1_005.9)).toBe(false);
    expect(watch.isDue(1_006)).toBe(true);
    expect(watch.isDue(900)).toBe(true);
  });

  it('says nothing of a picture that is too small', () => {
    const watch = new ViewWatch();
    watch.look({ width: 64, height: 36, y: new Uint8Array(64 * 36) }, 1);
    expect(watch.hasLooked).toBe(false);
  });

  it('goes on learning while there is nothing to hold on to', () => {
    const { states } = watching();
    const grey = redrawn(view, () => 100);
    expect(only(states(grey, 20))).toEqual(['learning']);
    states(view, 70);
    expect(states(view)).toEqual(['steady']);
  });

  it('takes a picture of another shape for another view', () => {
    const { show } = settled();
    const { width, y } = view;
    expect(show({ width, height: 300, y: y.subarray(0, width * 300) }, 40).at(-1)?.state).toBe('moved');
  });
});
