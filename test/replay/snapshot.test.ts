/** An analyzer that is put away and taken up again anywhere goes on as if nothing had happened, in every scenario. */
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { EventHash } from '../../src/domain/event-hash.ts';
import { type AnalyzerOptions, createAnalyzer, finish, step } from '../../src/domain/site-analyzer.ts';
import {
  type AnalyzerSnapshot,
  restoreAnalyzer,
  snapshotAnalyzer,
} from '../../src/domain/snapshot/analyzer-snapshot.ts';
import type { Observation } from '../../src/domain/types.ts';
import { observe } from '../../src/sim/observe.ts';
import { seededRandom } from '../../src/sim/random.ts';
import { loadScenario, scenarioNames } from '../../src/sim/scenario-file.ts';
import { siteOf } from '../../src/sim/site-of.ts';

const FAULTS = { fps: 10, noisePx: 1, drift: 0.5, miss: 0.05, invented: 0.02, jitterS: 0.003, seed: 11 };

function run(options: AnalyzerOptions, observations: readonly Observation[], isCut: (frame: number) => boolean) {
  let state = createAnalyzer(options);
  const hash = new EventHash();
  const all: string[] = [];
  let bytes = 0;
  const take = (output: ReturnType<typeof finish>) => {
    for (const event of output.events) hash.add(event);
    all.push(canonicalJson(output));
  };
  observations.forEach((observation, frame) => {
    if (isCut(frame)) {
      const text = JSON.stringify(snapshotAnalyzer(state));
      bytes = Math.max(bytes, text.length);
      state = restoreAnalyzer({ ...options, firstTrackId: 999 }, JSON.parse(text) as AnalyzerSnapshot);
    }
    const [next, output] = step(state, observation);
    state = next;
    take(output);
  });
  take(finish(state));
  return { hash: hash.hex(), events: hash.count, all, bytes };
}

function setUp(name: string) {
  const scenario = loadScenario(name);
  const observations = [...observe(scenario, FAULTS)];
  const site = siteOf(scenario);
  const options = { camera: name, site, configVersion: 'v', modelSha256: null, firstTrackId: 1 };
  return { observations, options };
}

describe.each(scenarioNames())('%s', (name) => {
  it('gives the same outputs with restarts at random frames', () => {
    const { observations, options } = setUp(name);
    const whole = run(options, observations, () => false);
    const random = seededRandom(5, `cuts ${name}`);
    const cut = run(options, observations, () => random.uniform() < 0.04);
    expect(cut.all).toEqual(whole.all);
    expect(cut.hash).toBe(whole.hash);
    if (name !== 'cyclist-and-pedestrian') expect(whole.events).toBeGreaterThan(0);
  });
});

describe('restarts', () => {
  it.each(['queue-of-three', 'crossing-hides'])('before every single frame change nothing (%s)', (name) => {
    const { observations, options } = setUp(name);
    const cut = run(options, observations, () => true);
    expect(cut.all).toEqual(run(options, observations, () => false).all);
    expect(cut.bytes).toBeLessThan(300_000);
  });

  it('over a jump of the clock, repeated and late frames change nothing', () => {
    const { observations, options } = setUp('stop-twice');
    const half = observations.length >> 1;
    const back = observations.map((o) => ({ ...o, tsUtc: o.tsUtc - 3_600 }));
    const odd = [...observations.slice(0, half), ...observations.slice(half - 4, half + 1), ...back];
    expect(run(options, odd, (frame) => frame % 3 === 0).all).toEqual(run(options, odd, () => false).all);
  });

  it('do not take over a snapshot of another camera, configuration or form', () => {
    const { options } = setUp('full-stop');
    const snapshot = snapshotAnalyzer(createAnalyzer(options));
    expect(() => restoreAnalyzer({ ...options, camera: 'other' }, snapshot)).toThrow('another camera');
    expect(() => restoreAnalyzer({ ...options, configVersion: 'w' }, snapshot)).toThrow(
      'another camera or configuration',
    );
    const { root, ...state } = snapshot.state;
    const less = { ...snapshot, state: { ...state, root: [1], shapes: [['', 'tracker']] } };
    expect(() => restoreAnalyzer(options, less)).toThrow('another version');
    expect(root).toBeDefined();
  });
});
