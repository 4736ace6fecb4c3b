/**
 * Frames that come rarely, as from a model that cannot keep up: every scenario, its frames thinned to one each 0.1 … 2 s at
 * several phases. No pass is lost in silence, none is told twice up to a second, and no verdict says what such sampling
 * cannot tell. What is known to go wrong beyond a second is counted here, so that it stays visible.
 */
import { describe, expect, it } from 'vitest';
import { createAnalyzer, finish, step } from '../../src/domain/site-analyzer.ts';
import { restoreAnalyzer, snapshotAnalyzer } from '../../src/domain/snapshot/analyzer-snapshot.ts';
import type { DomainEvent, Observation, PassEvent, Verdict } from '../../src/domain/types.ts';
import { observe } from '../../src/sim/observe.ts';
import { loadScenario, scenarioNames } from '../../src/sim/scenario-file.ts';
import { siteOf } from '../../src/sim/site-of.ts';
import { truthOf } from '../../src/sim/truth-file.ts';

const FPS = 20;
const NOISY = { fps: FPS, noisePx: 1, drift: 0.5, miss: 0.03, jitterS: 0.002, seed: 7, startUtc: 0 };
const PHASES = 2;
/** What is judged often enough elsewhere (sim-judge.test.ts) is looked at in some scenarios only. */
const RARE_S = 0.6;
const SOME = ['demo', 'queue-of-three', 'park-and-leave', 'night', 'camera-side'];

interface TruePass {
  readonly id: string;
  readonly verdict: Verdict;
  readonly entered_s: number;
  readonly exited_s: number;
}

const scenarios = scenarioNames().map((name) => {
  const scenario = loadScenario(name);
  const passes: readonly TruePass[] = truthOf(scenario, 15).passes;
  return { name, site: siteOf(scenario), frames: [...observe(scenario, NOISY)], passes };
});
type Film = (typeof scenarios)[number];

function optionsOf({ name, site }: Film) {
  return { camera: name, site, configVersion: 'v', modelSha256: null, firstTrackId: 1 };
}

function thinned(film: Film, intervalS: number, phase: number): Observation[] {
  const every = Math.round(intervalS * FPS);
  const first = Math.floor((phase * every) / PHASES);
  return film.frames.filter((_, i) => i % every === first);
}

function analyze(film: Film, frames: readonly Observation[], isCut = false): DomainEvent[] {
  const options = optionsOf(film);
  let state = createAnalyzer(options);
  const events: DomainEvent[] = [];
  for (const frame of frames) {
    if (isCut) state = restoreAnalyzer(options, JSON.parse(JSON.stringify(snapshotAnalyzer(state))));
    const [next, output] = step(state, frame);
    state = next;
    events.push(...output.events);
  }
  return [...events, ...finish(state).events];
}

/** Each true pass with what was told of it, by the time that both were in the zone; and what was told of nothing. */
function compare(film: Film, events: readonly DomainEvent[], intervalS: number) {
  const told = events.filter((event): event is PassEvent => event.type === 'pass');
  const pairs = film.passes.flatMap((truth) =>
    told.map((pass) => {
      const both = Math.min(truth.exited_s, pass.exited_utc) - Math.max(truth.entered_s, pass.entered_utc);
      return { truth, pass, both };
    }),
  );
  pairs.sort((a, b) => b.both - a.both);
  const found = new Map<TruePass, PassEvent>();
  for (const { truth, pass, both } of pairs) {
    if (both < -intervalS - 0.5 || found.has(truth) || [...found.values()].includes(pass)) continue;
    found.set(truth, pass);
  }
  const once = events.filter(({ type }) => type === 'seen_once').map((event) => (event as { ts_utc: number }).ts_utc);
  const isTold = ({ entered_s, exited_s }: TruePass) =>
    once.some((utc) => utc > entered_s - 2 * intervalS && utc < exited_s + intervalS);
  const missing = film.passes.filter((truth) => !found.has(truth));
  return {
    silent: missing.filter((truth) => !isTold(truth)).map(({ id }) => id),
    seenOnce: missing.filter(isTold).length,
    extra: told.filter((pass) => ![...found.values()].includes(pass)).length,
    wrong: [...found]
      .filter(([truth, pass]) => pass.verdict !== 'indeterminate' && pass.verdict !== truth.verdict)
      .map(([truth, pass]) => `${truth.id}: ${truth.verdict}, told ${pass.verdict}, ${pass.reason}`),
    right: [...found].filter(([truth, pass]) => pass.verdict === truth.verdict).length,
  };
}

function overAll(intervalS: number) {
  const sum = { silent: [] as string[], wrong: [] as string[], extra: 0, seenOnce: 0, right: 0, all: 0 };
  for (const film of scenarios.filter(({ name }) => intervalS > RARE_S || SOME.includes(name))) {
    for (let phase = 0; phase < PHASES; phase++) {
      const result = compare(film, analyze(film, thinned(film, intervalS, phase)), intervalS);
      const where = (what: string) => `${film.name}, phase ${phase}: ${what}`;
      sum.silent.push(...result.silent.map(where));
      sum.wrong.push(...result.wrong.map(where));
      sum.extra += result.extra;
      sum.seenOnce += result.seenOnce;
      sum.right += result.right;
      sum.all += film.passes.length;
    }
  }
  return sum;
}

describe('with a frame every', () => {
  it.each([
    // Least share of passes whose verdict is given, and right; most that are told twice or were seen once only.
    { intervalS: 0.1, right: 1, extra: 0, seenOnce: 0 },
    { intervalS: 0.3, right: 0.95, extra: 0, seenOnce: 0 },
    { intervalS: 0.5, right: 0.7, extra: 0, seenOnce: 0 },
    { intervalS: 0.7, right: 0.2, extra: 1, seenOnce: 0 },
    { intervalS: 0.9, right: 0.1, extra: 1, seenOnce: 0 },
    { intervalS: 1.3, right: 0, extra: 2, seenOnce: 0 },
    { intervalS: 2, right: 0, extra: 7, seenOnce: 2 },
  ])('$intervalS s no pass is lost in silence and no verdict is guessed', ({ intervalS, ...most }) => {
    const { silent, wrong, extra, seenOnce, right, all } = overAll(intervalS);
    expect(silent).toEqual([]);
    expect(wrong).toEqual([]);
    expect(extra).toBeLessThanOrEqual(most.extra);
    expect(seenOnce).toBeLessThanOrEqual(most.seenOnce);
    expect(right / all).toBeGreaterThanOrEqual(most.right);
  });

  it('1.3 s it does not matter where another analyzer goes on', () => {
    for (const film of scenarios.filter(({ name }) => ['demo', 'queue-of-three'].includes(name))) {
      const frames = thinned(film, 1.3, 1);
      expect(analyze(film, frames, true)).toEqual(analyze(film, frames));
    }
  });
});

it('a stand shorter than the time between two frames is not called a full stop', () => {
  const film = scenarios.find(({ name }) => name === 'too-short-stop') as Film;
  const every = 16;
  for (let phase = 0; phase < every; phase++) {
    const frames = film.frames.filter((_, i) => i % every === phase);
    expect(compare(film, analyze(film, frames), every / FPS), `phase ${phase}`).toMatchObject({
      silent: [],
      wrong: [],
    });
  }
});

it('a vehicle at 32 km/h is told of when the model becomes slow as it comes, whatever the interval and the phase', () => {
  const film = scenarios.find(({ name }) => name === 'demo') as Film;
  const run = film.passes.find(({ id }) => id === 'run') as TruePass;
  const lost: string[] = [];
  for (const intervalS of [0.8, 1.3, 1.6]) {
    for (let slowFrom = run.entered_s - 3.5; slowFrom < run.entered_s + 1; slowFrom += 0.5) {
      let next = slowFrom;
      const frames = film.frames.filter(({ tsUtc }) => {
        if (tsUtc < slowFrom) return tsUtc > 20;
        if (tsUtc < next || tsUtc > 35) return false;
        next = tsUtc + intervalS - 0.02;
        return true;
      });
      const { silent, seenOnce } = compare({ ...film, passes: [run] }, analyze(film, frames), intervalS);
      if (silent.length + seenOnce > 0) lost.push(`every ${intervalS} s from ${slowFrom}`);
    }
  }
  expect(lost).toEqual([]);
});
