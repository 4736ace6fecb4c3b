/** What a scenario file may say, and what is said when it is wrong. */
import { describe, expect, it } from 'vitest';
import { StopsignError } from '../../../src/errors.ts';
import type { DriverSpec } from '../../../src/sim/scenario.ts';
import { loadScenario, parseScenario } from '../../../src/sim/scenario-file.ts';
import { bodiesOf, worldAt } from '../../../src/sim/world.ts';

const head = 'name: test\ndescription: a test\nduration_s: 30\n';
const stop = '  - { id: car, does: stop, time_s: 10, stand_s: 2 }';

function fault(text: string): string {
  try {
    parseScenario(text, { file: 'my.yaml' });
  } catch (error) {
    expect(error).toBeInstanceOf(StopsignError);
    expect((error as StopsignError).code).toBe('BAD_CONFIG');
    expect((error as StopsignError).remedy).toContain('docs/sim.md');
    return (error as Error).message;
  }
  throw new Error('the file was taken for good');
}

describe('a scenario file', () => {
  it('fills in what it does not say', () => {
    const scenario = parseScenario(`${head}actors:\n${stop}\n`);
    expect(scenario).toMatchObject({
      fps: 30,
      seed: 1,
      loop: false,
      light: 'day',
      rain: false,
      size: { width: 1280, height: 720 },
      camera: { position: [9, 5.6, 17], lookAt: [-5, 0.4, 0.6], fovDeg: 42 },
      site: { units: 'km/h', zoneM: 12, policy: { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8 } },
    });
  });

  it('puts the stand where and when it says', () => {
    const scenario = parseScenario(`${head}actors:\n${stop}\n`);
    const [car] = worldAt(scenario, 10);
    expect(car?.front).toBeCloseTo(-0.6, 9);
    expect(car?.speedMps).toBe(0);
    expect(worldAt(scenario, 9.9)[0]?.speedMps).toBeGreaterThan(0);
    expect(worldAt(scenario, 11.999)[0]?.speedMps).toBe(0);
    expect(worldAt(scenario, 12.1)[0]?.speedMps).toBeGreaterThan(0);
  });

  it.each([
    [
      'an unknown key',
      `${head}lihgt: night\nactors:\n${stop}\n`,
      'my.yaml:4:1 lihgt: there is no such key. Did you mean "light"?',
    ],
    [
      'a wrong word',
      `${head}light: noon\nactors:\n${stop}\n`,
      'my.yaml:4:8 light: expected "day" or "dusk" or "night", found "noon".',
    ],
    [
      'a missing key',
      'name: test\nduration_s: 9\nactors:\n  - { id: a, does: run, time_s: 1 }\n',
      'my.yaml:1:1 description: is missing, expected a text.',
    ],
    ['a wrong kind', `${head}fps: fast\nactors:\n${stop}\n`, 'my.yaml:4:6 fps: expected a number, found "fast".'],
    [
      'an unknown behaviour',
      `${head}actors:\n  - { id: a, does: stopp, time_s: 1 }\n`,
      'my.yaml:5:20 actors[0].does: expected one of stop, roll, run, queue, cross, oncoming, parked, park_and_leave, walk, found "stopp". Did you mean "stop"?',
    ],
    [
      'an actor’s unknown key',
      `${head}actors:\n  - { id: a, does: stop, time_s: 9, stand: 2, stand_s: 2 }\n`,
      'my.yaml:5:37 actors[0].stand: there is no such key.',
    ],
    [
      'an actor’s missing key',
      `${head}actors:\n  - { id: a, does: stop, time_s: 9 }\n`,
      'my.yaml:5:5 actors[0].stand_s: is missing, expected a number.',
    ],
    [
      'a number out of range',
      `${head}actors:\n  - { id: a, does: stop, time_s: 9, stand_s: -1 }\n`,
      'my.yaml:5:46 actors[0].stand_s: expected a number of at least 0, found -1.',
    ],
    [
      'an unknown camera',
      `${head}camera: tower\nactors:\n${stop}\n`,
      'my.yaml:4:9 camera: expected one of corner, side, behind, along, opposite, low, high, or { position, look_at, fov_deg }, found "tower".',
    ],
    [
      'two actors of one name',
      `${head}actors:\n${stop}\n${stop}\n`,
      'my.yaml:6:11 actors[1].id: expected an id of its own, "car" is taken.',
    ],
    [
      'a way too short',
      `${head}actors:\n  - { id: a, does: stop, time_s: 9, stand_s: 1, from_m: -8 }\n`,
      'my.yaml:5:20 actors[0].does: expected a way that can be driven, but slowdown 1 needs 12.8 m',
    ],
    [
      'a queue behind nobody',
      `${head}actors:\n  - { id: a, does: queue, behind: b, time_s: 9, afterwards: { does: run } }\n`,
      'my.yaml:5:35 actors[0].behind: expected the id of an actor above that stops on the judged lane, found "b".',
    ],
    [
      'a queue that comes too late',
      `${head}actors:\n${stop}\n  - { id: b, does: queue, behind: car, time_s: 14, afterwards: { does: run } }\n`,
      'actors[1].time_s: expected a time before 12.80, when "car" has gone on, found 14.',
    ],
    [
      'a freeze that ends before it begins',
      `${head}disturbance: { freeze: { from_s: 9, to_s: 5 } }\nactors:\n${stop}\n`,
      'my.yaml:4:43 disturbance.freeze.to_s: expected a number above 9, found 5.',
    ],
    ['broken YAML', 'name: [\n', 'is not valid YAML'],
  ])('says line, key and what was expected: %s', (_what, text, expected) => {
    expect(fault(text)).toContain(expected);
  });

  it('tells all faults at once', () => {
    const message = fault(`${head}fps: fast\nactors:\n  - { id: a, does: stop, time_s: x }\n`);
    expect(message.split('\n')).toHaveLength(3);
  });

  it('names the scenarios there are when one is not', () => {
    expect(() => loadScenario('demmo')).toThrow(/There is no scenario "demmo"/);
    try {
      loadScenario('demmo');
    } catch (error) {
      expect(error).toMatchObject({ code: 'INPUT_MISSING', remedy: 'Did you mean "demo"?' });
    }
  });
});

describe('dice', () => {
  const dice = `${head}actors:\n  - { id: car, does: stop, time_s: 10, stand_s: { between: [1, 4] }, gap_m: { between: [0, 2] } }\n`;
  const standOf = (seed: number) => (parseScenario(dice, { seed }).actors[0] as DriverSpec).slowdowns[0];

  it('draw the same for the same seed and something else for another', () => {
    expect(standOf(3)).toEqual(standOf(3));
    expect(standOf(3)).not.toEqual(standOf(4));
  });

  it('stay between what was said, and use the room', () => {
    const stands = Array.from({ length: 200 }, (_, seed) => standOf(seed)?.standS ?? Number.NaN);
    expect(Math.min(...stands)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...stands)).toBeLessThanOrEqual(4);
    expect(Math.max(...stands) - Math.min(...stands)).toBeGreaterThan(2.5);
  });
});

describe('a queue', () => {
  const queue = `${head}actors:\n${stop}\n  - { id: second, does: queue, behind: car, time_s: 10.5, gap_m: 2, reaction_s: 1, afterwards: { does: stop, stand_s: 1.5, gap_m: 0.5 } }\n`;

  it('stands behind the one in front until that one has gone, then at the line', () => {
    const scenario = parseScenario(queue);
    const spec = scenario.actors[1] as DriverSpec;
    expect(spec.slowdowns).toEqual([
      { beforeLineM: expect.closeTo(0.6 + 4.65 + 2, 9), speedMps: 0, standS: expect.closeTo(12 + 1 - 10.5, 9) },
      { beforeLineM: 0.5, speedMps: 0, standS: 1.5 },
    ]);
    const [first, second] = worldAt(scenario, 11);
    expect((first?.front ?? 0) - (first?.lengthM ?? 0) - (second?.front ?? 0)).toBeCloseTo(2, 9);
  });

  it('moves up as often as the one in front does', () => {
    const third = '  - { id: third, does: queue, behind: second, time_s: 12, afterwards: { does: run } }\n';
    const scenario = parseScenario(queue + third);
    expect((scenario.actors[2] as DriverSpec).slowdowns).toHaveLength(2);
  });
});

describe('a car that parks and leaves', () => {
  it('stands at the kerb for the stated time and is back in its lane afterwards', () => {
    const text = `${head}actors:\n  - { id: guest, does: park_and_leave, time_s: 12, stand_s: 8, before_line_m: 16, kerb_offset_m: 0.8 }\n`;
    const scenario = parseScenario(text);
    const profile = bodiesOf(scenario)[0]?.profile;
    for (const t of [12, 16, 20]) {
      const [guest] = worldAt(scenario, t);
      expect(guest?.speedMps).toBe(0);
      expect(guest?.center[1]).toBeCloseTo(1.75 + 0.8, 6);
      expect((guest?.center[0] ?? 0) + (guest?.lengthM ?? 0) / 2).toBeCloseTo(-0.25 - 16, 6);
    }
    const atLine = profile?.timeAt(0) as number;
    const [guest] = worldAt(scenario, atLine);
    expect(guest?.center[1]).toBeCloseTo(1.75, 9);
    expect((guest?.center[0] ?? 0) + (guest?.lengthM ?? 0) / 2).toBeCloseTo(-0.25, 6);
  });
});
