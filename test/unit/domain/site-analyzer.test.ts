/** The analyzer on streets in formulas: every verdict, every way a pass can end, and what must not change anything. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnalyzer, nextTrackId, step } from '../../../src/domain/site-analyzer.ts';
import type { Observation, PassEvent, Site } from '../../../src/domain/types.ts';
import { analyze, demoSite, type Motion, observe, roller, stopper } from './synthetic-scene.ts';

const CAMERA = { fps: 15, seconds: 16, noisePx: 1, seed: 11 };
const only = (passes: readonly PassEvent[]): PassEvent => {
  expect(passes).toHaveLength(1);
  return passes[0] as PassEvent;
};
const uncalibrated: Site = { ...demoSite, calibration: undefined };
const parked = (front: number, z: number): Motion => ({ at: () => front, z });

describe('verdicts', () => {
  it('calls three seconds at the line a full stop and measures them', () => {
    const scene = stopper({ start: 0, stand: 3 });
    const pass = only(analyze(observe([scene], CAMERA)).passes);
    expect(pass).toMatchObject({
      verdict: 'full_stop',
      forced: false,
      encroached: false,
      complete: true,
      vehicle: 'car',
    });
    expect(pass.reason).toMatch(/^stood [23]\.\d\d s$/);
    expect(pass.stopped_s?.value).toBeCloseTo(3, 0);
    expect(Math.abs((pass.stopped_s?.value ?? 0) - 3)).toBeLessThan(0.15);
    expect(pass.min_speed).toMatchObject({ value: 0, lo: 0, unit: 'km/h' });
    expect(pass.min_speed_utc).toBeGreaterThan(scene.restFrom);
    expect(pass.min_speed_utc).toBeLessThan(scene.restFrom + 3);
    expect(Math.abs((pass.stop_distance_m?.value ?? 9) - 0.6)).toBeLessThan(0.4);
    expect(Math.abs((pass.approach_speed?.value ?? 0) - 27.2)).toBeLessThan(2);
  });

  it('calls rolling at 1.8 m/s a rolling stop and measures the slowest speed', () => {
    const pass = only(analyze(observe([roller({ start: 0, slowest: 1.8 })], CAMERA)).passes);
    expect(pass.verdict).toBe('rolling_stop');
    expect(Math.abs((pass.min_speed?.value ?? 0) - 6.48)).toBeLessThan(0.7);
    expect(pass.stopped_s?.value).toBe(0);
    expect(pass.stop_distance_m).toBeNull();
  });

  it('calls 5 m/s no stop', () => {
    const pass = only(analyze(observe([roller({ start: 0, slowest: 5 })], CAMERA)).passes);
    expect(pass.verdict).toBe('no_stop');
    expect(pass.reason).toMatch(/^never slower than 1[78]\.\d km\/h$/);
  });

  it('sees that a vehicle stood beyond the line', () => {
    const pass = only(analyze(observe([stopper({ start: 0, stand: 2, gap: -1.5 })], CAMERA)).passes);
    expect(pass).toMatchObject({ verdict: 'full_stop', encroached: true, complete: true });
    expect(pass.stop_distance_m?.value).toBeLessThan(-1);
  });

  it('does not count a stand behind another vehicle, but tells of it', () => {
    const first = stopper({ start: 0, stand: 3 });
    const second = stopper({ start: 1.6, stand: 3, gap: 6.6 });
    const { passes } = analyze(observe([first, second], { ...CAMERA, seconds: 20 }));
    expect(passes.map((pass) => [pass.verdict, pass.forced])).toEqual([
      ['full_stop', false],
      ['no_stop', true],
    ]);
    expect(passes[1]?.reason).toMatch(/^stood [23]\.\d\d s behind another vehicle, never slower than/);
    expect(passes[1]?.stopped_s?.value).toBe(0);
  });

  it('speaks miles where the site does', () => {
    const policy = { ...demoSite.policy, stop_speed: 1, rolling_below: 5 };
    const pass = only(
      analyze(observe([roller({ start: 0, slowest: 1.8 })], CAMERA), { ...demoSite, units: 'mph', policy }).passes,
    );
    expect(pass.verdict).toBe('rolling_stop');
    expect(pass.min_speed?.unit).toBe('mph');
    expect(Math.abs((pass.min_speed?.value ?? 0) - 4.03)).toBeLessThan(0.45);
  });
});

describe('what is no pass', () => {
  it.each([
    ['parked across the street', parked(-15, -2.55)],
    ['standing in the zone all the time', parked(-3, 1.75)],
    [
      'coming towards in the other lane',
      { at: (t: number) => (t > 4 ? null : 2 - 6 * t), z: -1.75, heading: -1 } as Motion,
    ],
    [
      'driving the wrong way through the zone',
      { at: (t: number) => (t > 6 ? null : 2 - 4 * t), z: 1.75, heading: -1 } as Motion,
    ],
  ])('a vehicle %s', (_, motion) => {
    for (const site of [demoSite, uncalibrated]) {
      const { passes, ended } = analyze(observe([motion], { ...CAMERA, seconds: 8 }), site);
      expect(passes).toEqual([]);
      expect(ended).toHaveLength(1);
    }
  });

  it('a class that the site does not ask for', () => {
    const person: Motion = { ...stopper({ start: 0, stand: 1 }), class: 'person' };
    expect(analyze(observe([person], CAMERA)).ended).toEqual([]);
  });
});

describe('passes that do not end well', () => {
  it('come out incomplete when the vehicle is lost before the line', () => {
    const motion = roller({ start: 0, slowest: 4 });
    const lost: Motion = { at: (t) => ((motion.at(t) ?? 99) > -3 ? null : motion.at(t)) };
    const pass = only(analyze(observe([lost], CAMERA)).passes);
    expect(pass).toMatchObject({ verdict: 'indeterminate', complete: false, reason: 'lost before the line' });
  });

  it('come out incomplete when the input ends', () => {
    const pass = only(analyze(observe([stopper({ start: 0, stand: 9 })], { ...CAMERA, seconds: 5 })).passes);
    expect(pass).toMatchObject({
      verdict: 'indeterminate',
      complete: false,
      reason: 'the recording ended before the line',
    });
  });

  it('survive two seconds without detections while the vehicle stands', () => {
    const all = observe([stopper({ start: 0, stand: 4 })], CAMERA);
    const gap = all.map((o) => (o.tsUtc > 6 && o.tsUtc < 8.5 ? { ...o, detections: [] } : o));
    const pass = only(analyze(gap).passes);
    expect(pass.verdict).toBe('full_stop');
    expect(Math.abs((pass.stopped_s?.value ?? 0) - 4)).toBeLessThan(0.25);
  });
});

describe('without a calibration', () => {
  it('judges by the size of the boxes, prints no speed and says so', () => {
    const full = only(analyze(observe([stopper({ start: 0, stand: 3 })], CAMERA), uncalibrated).passes);
    expect(full).toMatchObject({ verdict: 'full_stop', min_speed: null, approach_speed: null, stop_distance_m: null });
    expect(full.reason).toMatch(/uncalibrated$/);
    expect(Math.abs((full.stopped_s?.value ?? 0) - 3)).toBeLessThan(0.3);
    const none = only(analyze(observe([roller({ start: 0, slowest: 6 })], CAMERA), uncalibrated).passes);
    expect(none.verdict).toBe('no_stop');
    expect(none.reason).toBe('never slower than the limit, uncalibrated');
  });

  it('shows no live speed', () => {
    const { views } = analyze(observe([roller({ start: 0, slowest: 3 })], CAMERA), uncalibrated);
    expect(views.flat().every((view) => view.speed === null)).toBe(true);
  });
});

describe('the live view', () => {
  const scene = stopper({ start: 0, stand: 3 });
  const observations = observe([scene], CAMERA);
  const { views, events } = analyze(observations);

  it('shows no speed for the first 0.4 s of a track, then a true one', () => {
    expect(views[0]?.[0]?.speed).toBeNull();
    expect(views[5]?.[0]?.speed).toBeNull();
    const near = observations
      .map((o, i) => ({ t: o.tsUtc, speed: views[i]?.[0]?.speed }))
      .filter(({ t }) => t > 2 && t < 3);
    expect(near.length).toBeGreaterThan(10);
    for (const { speed } of near) expect(Math.abs((speed ?? 0) - 27.5)).toBeLessThan(7);
  });

  it('walks through its states in order', () => {
    const states = views.flatMap((tracks) => tracks.map((track) => track.state));
    expect([...new Set(states)]).toEqual(['moving', 'approaching', 'in_zone', 'stopped', 'leaving']);
  });

  it('shows the verdict once the pass is judged', () => {
    expect(views.flat().at(-1)?.verdict).toBe('full_stop');
    expect(views[0]?.[0]).not.toHaveProperty('verdict');
  });

  it('tells the moments in order, close to the truth', () => {
    expect(events.map((event) => event.type)).toEqual(['zone_entered', 'stopped', 'moved_off', 'zone_left', 'pass']);
    const at = (type: string) => events.find((event) => event.type === type) as { ts_utc: number };
    expect(Math.abs(at('stopped').ts_utc - scene.restFrom)).toBeLessThan(0.6);
    expect(Math.abs(at('moved_off').ts_utc - scene.restFrom - 3)).toBeLessThan(0.7);
  });

  it('gives the smoothed samples with each pass', () => {
    const { outputs } = analyze(observations);
    const output = outputs.find((o) => Object.keys(o.passSamples).length > 0);
    const pass = output?.events.find((event) => event.type === 'pass') as PassEvent;
    const samples = output?.passSamples[pass.id] ?? [];
    expect(samples).toHaveLength(pass.samples);
    const standing = samples.filter((s) => s.ts_utc > scene.restFrom + 0.5 && s.ts_utc < scene.restFrom + 2.5);
    expect(standing.length).toBeGreaterThan(20);
    for (const sample of standing) {
      expect(sample.speed ?? 9).toBeLessThan(1.5);
      expect(Math.abs((sample.ground?.[0] ?? 9) + 0.85)).toBeLessThan(0.6);
    }
  });
});

describe('parking', () => {
  it('begins after half a minute for who never moved, and ends when it drives off as the same vehicle', () => {
    const motion: Motion = { z: -2.55, heading: -1, at: (t) => -15 - Math.max(0, t - 40) ** 2 };
    const { events, views, ended } = analyze(observe([motion], { ...CAMERA, fps: 10, seconds: 44 }));
    expect(events.map((event) => event.type)).toEqual(['stopped', 'parked', 'unparked', 'moved_off']);
    expect((events[1] as { ts_utc: number }).ts_utc).toBeCloseTo(30, 0);
    expect(views.flat().filter((view) => view.is_parked).length).toBeGreaterThan(90);
    expect(ended.map((track) => track.trackId)).toEqual([1]);
  });
});

describe('time', () => {
  const observations = observe([stopper({ start: 0, stand: 1 })], CAMERA);
  const expected = analyze(observations).events;

  it('ignores observations that are repeated or late, and counts them', () => {
    const messy = observations.flatMap((o, i): Observation[] => {
      const before = observations[i - 3];
      return i % 5 === 4 && before ? [o, o, { ...before, detections: [] }] : [o];
    });
    const run = analyze(messy);
    expect(run.events).toEqual(expected);
    expect(run.state.ignored).toBe(messy.length - observations.length);
    expect(run.outputs.filter((output) => !output.accepted)).toHaveLength(run.state.ignored);
  });

  it('begins anew when the clock is set back, without using an id twice', () => {
    const half = observations.slice(0, 60);
    let state = createAnalyzer({
      camera: 'demo',
      site: demoSite,
      configVersion: 'x',
      modelSha256: null,
      firstTrackId: 7,
    });
    for (const o of half) [state] = step(state, o);
    expect(nextTrackId(state)).toBe(8);
    const [, output] = step(state, { ...(observations[0] as Observation), tsUtc: -100 });
    expect(output.events.map((event) => event.type)).toEqual(['pass']);
    expect(output.ended.map((track) => track.trackId)).toEqual([7]);
    expect(output.tracks.map((track) => track.id)).toEqual([8]);
    expect(state.resets).toBe(1);
  });

  it('measures the same at 10, 15 and 30 frames a second and with frames that come unevenly', () => {
    for (const [fps, jitterS] of [
      [10, 0],
      [15, 0.04],
      [30, 0],
    ] as const) {
      const pass = only(analyze(observe([stopper({ start: 0, stand: 1.5 })], { ...CAMERA, fps, jitterS })).passes);
      expect(pass.verdict).toBe('full_stop');
      expect(Math.abs((pass.stopped_s?.value ?? 0) - 1.5)).toBeLessThan(0.15);
    }
  });
});

describe('what must not change anything', () => {
  const scene = [stopper({ start: 0, stand: 1 }), roller({ start: 7, slowest: 2 }), parked(-15, -2.55)];
  const observations = observe(scene, CAMERA);
  const expected = analyze(observations).events;

  it('running again', () => {
    expect(analyze(observations).events).toEqual(expected);
  });

  it('the order of the detections within a frame, but for the numbers of the tracks', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(5)), (picks) => {
        const shuffled = observations.map((o) => ({
          ...o,
          detections: o.detections
            .map((detection) => ({ detection, key: picks.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ detection }) => detection),
        }));
        const strip = (events: typeof expected) =>
          events.map(({ id: _, track_id: __, ...rest }) => JSON.stringify(rest)).sort();
        expect(strip(analyze(shuffled).events)).toEqual(strip(expected));
      }),
      { numRuns: 4 },
    );
  });

  it('the hour of the day', () => {
    const t0 = 1_726_179_150;
    const later = analyze(observations.map((o) => ({ ...o, tsUtc: o.tsUtc + t0 }))).passes;
    const before = expected.filter((event) => event.type === 'pass');
    expect(later.map((pass) => pass.verdict)).toEqual(before.map((pass) => pass.verdict));
    later.forEach((pass, i) => {
      expect(pass.entered_utc - t0).toBeCloseTo(before[i]?.entered_utc ?? 0, 4);
      expect(pass.stopped_s?.value).toBeCloseTo(before[i]?.stopped_s?.value ?? 9, 3);
    });
  });
});

it('refuses a site that cannot be judged', () => {
  const site = { ...demoSite, stop_line: [demoSite.stop_line[0], demoSite.stop_line[0]] } as Site;
  expect(() => createAnalyzer({ camera: 'x', site, configVersion: '', modelSha256: null, firstTrackId: 1 })).toThrow(
    /stop_line has no length/,
  );
});
