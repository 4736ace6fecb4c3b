/** The score: what it must find, miss, and refuse to be fooled by. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { PassEvent } from '../../../src/domain/types.ts';
import { type ExpectedPass, expectedPasses } from '../../../src/sim/expected-pass.ts';
import { judgeScenario } from '../../../src/sim/judge-scenario.ts';
import { observe } from '../../../src/sim/observe.ts';
import { loadScenario, parseScenario } from '../../../src/sim/scenario-file.ts';
import { score } from '../../../src/sim/score/score.ts';
import { spread } from '../../../src/sim/score/spread.ts';
import { readTruth, type Truth, truthOf } from '../../../src/sim/truth-file.ts';

const demo = loadScenario('demo');
const truth = truthOf(demo, 15);

function eventOf(pass: ExpectedPass, trackId: number, change: Partial<PassEvent> = {}): PassEvent {
  const speed = (value: number) => ({ value, lo: value - 0.5, hi: value + 0.5, unit: 'km/h' as const });
  return {
    type: 'pass',
    id: `id-${trackId}`,
    camera: 'demo',
    track_id: trackId,
    vehicle: pass.vehicle,
    entered_utc: pass.entered_s,
    exited_utc: pass.exited_s,
    verdict: pass.verdict,
    reason: 'by hand',
    forced: pass.forced,
    encroached: pass.encroached,
    complete: true,
    stopped_s: { value: pass.stopped_s, lo: pass.stopped_s - 0.1, hi: pass.stopped_s + 0.1 },
    min_speed: speed(pass.min_speed),
    min_speed_utc: pass.min_speed_s,
    approach_speed: speed(pass.approach_speed),
    stop_distance_m:
      pass.stop_distance_m === null
        ? null
        : { value: pass.stop_distance_m, lo: pass.stop_distance_m - 0.1, hi: pass.stop_distance_m + 0.1 },
    time_in_zone_s: 1,
    samples: 10,
    config_version: 'x',
    model_sha256: null,
    ...change,
  };
}
const perfect = truth.passes.map((pass, i) => eventOf(pass, i + 1));

describe('a perfect run', () => {
  it('has every pass found, every verdict right and no error', () => {
    const { passes, ids } = score(truth, { events: perfect });
    expect(passes).toMatchObject({ true: 5, found: 5, verdicts_right: 5, missed: [], invented: [], wrong: [] });
    expect(passes.errors.stopped_s).toMatchObject({ n: 3, bias: 0, max: 0 });
    expect(passes.coverage.approach_speed).toEqual({ n: 5, inside: 5, share: 1 });
    expect(ids.switches).toBe(0);
  });

  it('may name any lap of the loop as its start, however long ago', () => {
    const T = 29_923_206 * 60;
    const late = perfect.map((event) => ({
      ...event,
      entered_utc: event.entered_utc + T,
      exited_utc: event.exited_utc + T,
    }));
    const { passes, start_utc } = score(truth, { events: late, startUtc: 0 });
    expect(start_utc).toBe(T);
    expect(passes).toMatchObject({ true: 5, found: 5, missed: [], invented: [] });
  });

  it('is recognised at any time of day, over several laps of the loop', () => {
    const start = 1_726_179_150.25;
    const laps = [0, 1, 2].flatMap((lap) =>
      truth.passes.map((pass, i) =>
        eventOf(pass, 10 * lap + i, {
          entered_utc: start + 60 * lap + pass.entered_s,
          exited_utc: start + 60 * lap + pass.exited_s,
          min_speed_utc: start + 60 * lap + pass.min_speed_s,
        }),
      ),
    );
    const { passes, start_utc } = score(truth, { events: laps });
    expect((((start_utc - start) % 60) + 60.5) % 60).toBeCloseTo(0.5, 3);
    expect(passes).toMatchObject({ found: 15, missed: [], invented: [], verdicts_right: 15 });
  });
});

describe('a faulty run', () => {
  it('tells missed from invented, and what was judged wrong', () => {
    const events = [
      ...perfect
        .slice(1)
        .map((event) => (event.verdict === 'rolling_stop' ? { ...event, verdict: 'full_stop' as const } : event)),
      eventOf(truth.passes[0] as ExpectedPass, 99, { entered_utc: 52, exited_utc: 55 }),
    ];
    const { passes } = score(truth, { events, startUtc: 0 });
    expect(passes.missed.map(({ id }) => id)).toEqual(['full-3s']);
    expect(passes.invented.map(({ track_id }) => track_id)).toEqual([99]);
    expect(passes.wrong).toEqual([
      { id: 'rolling', lap: 0, true: 'rolling_stop', judged: 'full_stop', reason: 'by hand' },
    ]);
    expect(passes.confusion.rolling_stop.full_stop).toBe(1);
    expect(passes.verdicts_right).toBe(3);
  });

  it('measures errors with their sign, and intervals that do not hold', () => {
    const events = perfect.map((event) => ({
      ...event,
      stopped_s: { value: (event.stopped_s?.value ?? 0) + 0.3, lo: 0.29 + (event.stopped_s?.value ?? 0), hi: 99 },
    }));
    const { passes } = score(truth, { events, startUtc: 0 });
    expect(passes.errors.stopped_s?.bias).toBeCloseTo(0.3, 9);
    expect(passes.coverage.stopped_s?.share).toBe(0);
  });

  it('gives one true pass to one event only: the second is invented', () => {
    const twice = [...perfect, { ...(perfect[0] as PassEvent), id: 'again', track_id: 77 }];
    expect(score(truth, { events: twice, startUtc: 0 }).passes.invented).toHaveLength(1);
  });

  it('gives one event to one true pass only: the other of a queue is missed', () => {
    const { passes } = score(truth, { events: perfect.slice(0, 4), startUtc: 0, recorded: [0, 60] });
    expect(passes.found).toBe(4);
    expect(passes.missed.map(({ id }) => id)).toEqual(['queue-2']);
  });

  it('does not ask for passes that were not recorded', () => {
    const { passes } = score(truth, { events: perfect.slice(0, 1), startUtc: 0, recorded: [0, 14] });
    expect(passes).toMatchObject({ true: 1, found: 1, missed: [] });
  });
});

describe('boxes', () => {
  const faults = { fps: 15, noisePx: 1, drift: 0, miss: 0.1, invented: 0, seed: 3 };
  const detections = [...observe(demo, faults)];

  it('are counted by height, and the misses are the ones that were made', () => {
    const { boxes } = score(truth, { events: [], detections, startUtc: 0 });
    const n = boxes?.recall.reduce((sum, r) => sum + r.n, 0) ?? 0;
    const found = boxes?.recall.reduce((sum, r) => sum + r.found, 0) ?? 0;
    expect(n).toBeGreaterThan(1200);
    expect(found / n).toBeGreaterThan(0.87);
    expect(found / n).toBeLessThan(0.93);
    expect(boxes?.invented).toMatchObject({ boxes: 0, longest_run: 0 });
  });

  it('have the ground contact error that was put in', () => {
    const moved = detections.map((frame) => ({
      ...frame,
      detections: frame.detections.map((d) => ({
        ...d,
        bbox: [d.bbox[0], d.bbox[1], d.bbox[2], d.bbox[3] + 4] as const,
      })),
    }));
    const { boxes } = score(truth, { events: [], detections: moved, startUtc: 0 });
    for (const angle of boxes?.contact ?? []) {
      if ((angle.y_px?.n ?? 0) < 100) continue;
      expect(angle.y_px?.bias).toBeCloseTo(4, 0);
      expect(angle.y_px?.sigma).toBeGreaterThan(0.85);
      expect(angle.y_px?.sigma).toBeLessThan(1.15);
    }
    expect(boxes?.standing_jitter_px.y?.sigma).toBeGreaterThan(0.8);
  });

  it('that nobody is in are followed from frame to frame', () => {
    const ghost = { bbox: [900, 600, 1000, 660] as const, score: 0.4, class: 'car' };
    const haunted = detections.map((frame, i) =>
      i >= 100 && i < 105 ? { ...frame, detections: [...frame.detections, ghost] } : frame,
    );
    const { boxes } = score(truth, { events: [], detections: haunted, startUtc: 0 });
    expect(boxes?.invented).toMatchObject({ boxes: 5, longest_run: 5 });
    expect(boxes?.invented.runs[0]?.from_s).toBeCloseTo(100 / 15, 3);
  });
});

describe('ids', () => {
  it('are switched when the track of a body changes', () => {
    const { views, events } = judgeScenario(demo, { fps: 10 });
    expect(score(truth, { events, tracks: views, startUtc: 0 }).ids).toMatchObject({ from: 'tracks', switches: 0 });
    const changed = views.map(({ tsUtc, tracks }) => ({
      tsUtc,
      tracks: tracks.map((t) => (tsUtc > 9 && tsUtc < 14 ? { ...t, id: t.id + 100 } : t)),
    }));
    const { ids } = score(truth, { events, tracks: changed, startUtc: 0 });
    // the parked and the standing car, there and back
    expect(ids.switches).toBe(4);
    expect(ids.bodies.map(({ id, ids: own }) => [id, own.length])).toEqual([
      ['parked', 3],
      ['full-3s', 3],
    ]);
  });
});

describe('what an exact judge says', () => {
  const judged = (actor: string) =>
    expectedPasses(
      parseScenario(`name: t\ndescription: t\nduration_s: 40\nactors:\n  - { id: car, time_s: 12, ${actor} }\n`),
    )[0];

  it.each([
    ['does: stop, stand_s: 0.5', { verdict: 'full_stop', stopped_s: 0.5, min_speed: 0 }],
    ['does: stop, stand_s: 0.49', { verdict: 'rolling_stop', stopped_s: 0.49 }],
    ['does: stop, stand_s: 2, gap_m: -0.5', { verdict: 'full_stop', encroached: true, stop_distance_m: -0.5 }],
    ['does: roll, min_mps: 2.2', { verdict: 'rolling_stop', min_speed: 2.2 * 3.6, stop_distance_m: null }],
    ['does: roll, min_mps: 2.3', { verdict: 'no_stop' }],
    ['does: run, approach_mps: 9', { verdict: 'no_stop', approach_speed: 32.4, min_speed: 32.4 }],
  ])('of "%s"', (actor, expected) => {
    const pass = judged(actor);
    for (const [key, value] of Object.entries(expected)) {
      if (typeof value === 'number') expect(pass?.[key as keyof ExpectedPass]).toBeCloseTo(value, 6);
      else expect(pass?.[key as keyof ExpectedPass]).toBe(value);
    }
  });

  it('times entry and exit by the front and the length', () => {
    const pass = judged('does: run, approach_mps: 10, body: sedan');
    expect(pass?.entered_s).toBeCloseTo(12 - 1.2, 9);
    expect(pass?.crossed_s).toBeCloseTo(12, 9);
    expect(pass?.exited_s).toBeCloseTo(12.465, 9);
  });

  it('is nothing for cyclists, pedestrians, parked cars and other lanes', () => {
    for (const name of ['cyclist-and-pedestrian']) expect(expectedPasses(loadScenario(name))).toEqual([]);
    expect(expectedPasses(loadScenario('crossing-traffic')).map(({ id }) => id)).toEqual(['car']);
    expect(expectedPasses(loadScenario('parked-car')).map(({ id }) => id)).toEqual(['car']);
  });
});

describe('spread', () => {
  it('is the textbook’s', () => {
    expect(spread([])).toBeNull();
    expect(spread([1, -1, 3, -3])).toMatchObject({ n: 4, bias: 0, mean: 2, median: 2, max: 3 });
    expect(spread([1, -1, 3, -3])?.sigma).toBeCloseTo(Math.sqrt(5), 12);
    expect(spread(Array.from({ length: 101 }, (_, i) => i))?.p95).toBe(95);
  });
});

describe('the commands', () => {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-sim-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const file = (name: string) => join(dir, name);
  const run = async (...args: string[]) => {
    let [out, err] = ['', ''];
    const code = await runProgram(args, {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  };

  it('write truth, site and detections, judge them and score the result', async () => {
    const [det, tru, site, events] = ['det', 'truth', 'site', 'events'].map(file) as [string, string, string, string];
    const made = await run(
      'sim',
      'truth',
      'queue-of-two',
      '--detections',
      det,
      '--truth',
      tru,
      '--site',
      site,
      '--noise',
      '1.0',
      '--miss',
      '0.03',
      '--fps',
      '15',
      '--seed',
      '7',
    );
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toContain('second: full stop, stands 2.00 s');
    const read: Truth = await readTruth(tru);
    expect(read.frames).toHaveLength(900);
    expect(read.passes).toHaveLength(2);

    const { replayFile } = await import('../../../src/cli/replay.ts');
    await replayFile({ detections: det, config: site, out: events });
    const scored = await run('sim', 'score', '--events', events, '--truth', tru, '--detections', det, '--json');
    expect(JSON.parse(scored.out)).toMatchObject({ scenario: 'queue-of-two', passes: { found: 2, verdicts_right: 2 } });
    const table = await run('sim', 'score', '--events', events, '--truth', tru);
    expect(table.out).toContain('passes     2 of 2 found, 0 missed, 0 invented');
  });

  it('name what is wrong with what they are given', async () => {
    writeFileSync(file('bad.yaml'), 'name: bad\ndescription: b\nduration_s: 0\nactors: []\n');
    const bad = await run('sim', 'truth', file('bad.yaml'));
    expect(bad.code).toBe(64);
    expect(bad.err).toContain('bad.yaml:3:13 duration_s: expected a number of at least 1, found 0.');
    expect(await run('sim', 'truth', 'nowhere')).toMatchObject({ code: 66 });
    expect(await run('sim', 'truth', 'demo', '--noise', 'much')).toMatchObject({ code: 64 });
    expect(await run('sim', 'score', '--events', file('none'), '--truth', file('none'))).toMatchObject({ code: 66 });
    writeFileSync(file('half.ndjson'), '{"type":"header","v":1}\n{"type":\n');
    const half = await run('sim', 'score', '--events', file('bad.yaml'), '--truth', file('half.ndjson'));
    expect(half.code).toBe(65);
    expect(half.err).toContain('half.ndjson:2');
  });

  it('list the scenarios', async () => {
    expect((await run('sim', 'list')).out).toMatch(/^queue-of-two +30 s {2}1280×720 @ 30 {2}The second stands/m);
  });
});
