/** The scenarios that come with the program: each can be read, seen and driven by real bodies. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configVersion } from '../../src/config/config-version.ts';
import { siteSchema } from '../../src/config/site.ts';
import { checkSite } from '../../src/domain/geometry/site-geometry.ts';
import { expectedPasses } from '../../src/sim/expected-pass.ts';
import { pinhole } from '../../src/sim/pinhole.ts';
import { loadScenario, scenarioNames } from '../../src/sim/scenario-file.ts';
import { footprintGap, seenBodies } from '../../src/sim/seen.ts';
import { siteOf, siteYaml } from '../../src/sim/site-of.ts';
import { bodiesOf, frameTimes, worldAt } from '../../src/sim/world.ts';

const names = scenarioNames();

describe('the collection', () => {
  it('has at least 24 scenarios', () => {
    expect(names.length).toBeGreaterThanOrEqual(24);
  });

  it('shows every verdict, light, body and disturbance', () => {
    const all = names.map((name) => loadScenario(name));
    const verdicts = new Set(all.flatMap((scenario) => expectedPasses(scenario).map((pass) => pass.verdict)));
    expect([...verdicts].sort()).toEqual(['full_stop', 'no_stop', 'rolling_stop']);
    expect(new Set(all.map(({ light }) => light))).toEqual(new Set(['day', 'dusk', 'night']));
    expect(new Set(all.flatMap(({ actors }) => actors.map(({ body }) => body)))).toEqual(
      new Set(['sedan', 'suv', 'hatch', 'van', 'bus', 'cyclist', 'pedestrian']),
    );
    expect(all.some(({ rain }) => rain)).toBe(true);
    expect(new Set(all.flatMap(({ disturbance }) => Object.keys(disturbance ?? {})))).toEqual(
      new Set(['bump', 'freeze', 'variableFps']),
    );
    expect(new Set(all.map(({ size }) => size.width)).size).toBeGreaterThanOrEqual(3);
    expect(new Set(all.map(({ camera }) => camera.fovDeg)).size).toBeGreaterThanOrEqual(5);
  });
});

describe.each(names)('%s', (name) => {
  const scenario = loadScenario(name);

  it('bears the name of its file and is 10 to 40 s long, the demo a minute', () => {
    expect(scenario.name).toBe(name);
    expect(scenario.durationS).toBeGreaterThanOrEqual(10);
    expect(scenario.durationS).toBeLessThanOrEqual(name === 'demo' ? 60 : 40);
  });

  it('has no two bodies in one place', () => {
    for (let t = 0; t < scenario.durationS; t += 0.1) {
      const bodies = worldAt(scenario, t);
      bodies.forEach((a, i) => {
        for (const b of bodies.slice(0, i)) {
          expect(footprintGap(a, b), `${a.id} and ${b.id} at ${t.toFixed(1)} s`).toBeGreaterThan(0.15);
        }
      });
    }
  });

  it('moves every body as its speed says, without jumps', () => {
    const h = 0.02;
    for (const body of bodiesOf(scenario)) {
      if (!body.profile) continue;
      for (let t = Math.max(0, body.fromS); t + h < Math.min(scenario.durationS, body.toS); t += h) {
        const [a, b] = [body.at(t), body.at(t + h)];
        if (!a || !b) continue;
        expect(Math.abs(b.speedMps - a.speedMps), `${a.id} at ${t.toFixed(2)} s`).toBeLessThan(8 * h);
        expect(a.speedMps).toBeGreaterThanOrEqual(0);
        const way = Math.hypot(b.center[0] - a.center[0], b.center[1] - a.center[1]);
        expect(way).toBeCloseTo((h * (a.speedMps + b.speedMps)) / 2, 2);
      }
    }
  });

  it('has a site that can be judged, and its YAML says the same', () => {
    const site = siteOf(scenario);
    expect(checkSite(site)).toEqual([]);
    expect(site.calibration?.points.length).toBeGreaterThanOrEqual(8);
    const read = siteSchema.parse(parse(siteYaml(scenario)).site);
    expect(configVersion(read)).toBe(configVersion(site));
  });

  it('lets no vehicle pop up or vanish in the middle of the picture', () => {
    const camera = pinhole(scenario.camera, scenario.size);
    for (const body of bodiesOf(scenario)) {
      if (!body.profile || body.spec.does === 'walk') continue;
      for (const t of [body.fromS, body.toS - 1e-6]) {
        if (t < 0 || t > scenario.durationS) continue;
        const state = body.at(t);
        const [seen] = state ? seenBodies(camera, [state]) : [];
        if (!seen) continue;
        const height = (seen.box[3] - seen.box[1]) * (720 / scenario.size.height);
        expect(height, `${body.spec.id} at ${t.toFixed(2)} s`).toBeLessThan(40);
      }
    }
  });

  it('has frames in ascending order, all inside its duration', () => {
    const times = frameTimes(scenario);
    expect(times[0]).toBe(0);
    expect(times.at(-1)).toBeLessThan(scenario.durationS);
    for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1] as number);
  });
});

describe('the demo', () => {
  const demo = loadScenario('demo');

  it('loops without a seam', () => {
    for (const [one, other, digits] of [
      [60, 0, 9],
      [67.3, 7.3, 9],
      [119.9, 59.9, 9],
      [60 - 1e-6, 0, 4],
    ] as const) {
      const [before, after] = [worldAt(demo, one), worldAt(demo, other)];
      expect(before.map(({ id }) => id)).toEqual(after.map(({ id }) => id));
      before.forEach((body, i) => {
        expect(body.center[0]).toBeCloseTo(after[i]?.center[0] ?? Number.NaN, digits);
        expect(body.center[1]).toBeCloseTo(after[i]?.center[1] ?? Number.NaN, digits);
        expect(body.speedMps).toBeCloseTo(after[i]?.speedMps ?? Number.NaN, digits);
      });
    }
  });

  it('shows a full stop of 3 s, a rolling stop, a run-through, a queue, a parked car and a pedestrian', () => {
    const passes = expectedPasses(demo);
    expect(passes.map(({ verdict }) => verdict)).toEqual([
      'full_stop',
      'rolling_stop',
      'no_stop',
      'full_stop',
      'full_stop',
    ]);
    expect(passes[0]?.stopped_s).toBeCloseTo(3, 9);
    expect(passes[4]).toMatchObject({ forced: true });
    expect(passes[4]?.queued_s).toBeGreaterThan(1);
    expect(passes.every(({ complete, exited_s }) => complete && exited_s < 60)).toBe(true);
    expect(demo.actors.map(({ does }) => does)).toContain('parked');
    expect(demo.actors.map(({ body }) => body)).toContain('pedestrian');
  });
});
