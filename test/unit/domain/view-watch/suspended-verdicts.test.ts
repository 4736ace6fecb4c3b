/** The scenario of a knocked camera through view watch and analyzer: what becomes of verdicts, and what is told when. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type AnalyzerState, createAnalyzer, step } from '../../../../src/domain/site-analyzer.ts';
import type { ConditionEvent, PassEvent, PassSample } from '../../../../src/domain/types.ts';
import type { LumaPlane } from '../../../../src/domain/view-watch/luma-grid.ts';
import { scaledFinding, type ViewFinding } from '../../../../src/domain/view-watch/view-finding.ts';
import { toldSamples, ViewTrust } from '../../../../src/domain/view-watch/view-trust.ts';
import { ViewWatch } from '../../../../src/domain/view-watch/view-watch.ts';
import { observe } from '../../../../src/sim/observe.ts';
import { loadScenario } from '../../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../../src/sim/site-of.ts';
import { pictureShift } from '../../../../src/sim/world.ts';
import { demoPicture, half, moved } from '../../../support/view-pictures.ts';

const scenario = loadScenario('bumped-camera');
/** 14:03:00 UTC: the camera is knocked at 14:03:20. */
const START_UTC = Date.UTC(2026, 10, 22, 14, 3, 0) / 1000;
let view: LumaPlane;
beforeAll(async () => {
  view = half(await demoPicture());
});

function analyzer(): AnalyzerState {
  const site = { ...siteOf(scenario), timezone: 'UTC' };
  return createAnalyzer({ camera: 'front', site, configVersion: 'v', modelSha256: null, firstTrackId: 1 });
}

/** @param look what is found at a time in the scenario, besides the observation */
function run(look: (t: number) => ViewFinding | undefined, seen = scenario) {
  let state = analyzer();
  const passes: PassEvent[] = [];
  const samples: (readonly PassSample[])[] = [];
  const conditions: ConditionEvent[] = [];
  for (const observation of observe(seen, { fps: 15, startUtc: START_UTC })) {
    const [next, output] = step(state, { ...observation, view: look(observation.tsUtc - START_UTC) });
    state = next;
    passes.push(...output.events.filter((event) => event.type === 'pass'));
    samples.push(...Object.values(output.passSamples));
    conditions.push(...output.conditions);
  }
  return { state, passes, samples, conditions };
}

/** The picture is half as large as the site's image. */
function watchedPicture(onLook?: (watch: ViewWatch, t: number) => void, seen = scenario) {
  const watch = new ViewWatch();
  const pictures = new Map<string, LumaPlane>();
  return (t: number): ViewFinding | undefined => {
    if (!watch.isDue(START_UTC + t)) return undefined;
    const [dx, dy] = pictureShift(seen, t);
    const key = `${dx} ${dy}`;
    const picture = pictures.get(key) ?? moved(view, { dx: dx / 2, dy: dy / 2 });
    pictures.set(key, picture);
    watch.look(picture, START_UTC + t);
    onLook?.(watch, t);
    return scaledFinding(watch.finding, 2, 2);
  };
}

describe('a camera that is knocked between two passes', () => {
  it('has its second pass judged as if nothing were, when nobody looks at the picture', () => {
    const { passes, conditions } = run(() => undefined);
    expect(passes.map(({ verdict }) => verdict)).toEqual(['full_stop', 'full_stop']);
    expect(conditions).toEqual([]);
  });

  it('has its second verdict suspended with a reason, keeps what is still right, and tells it once', () => {
    const { passes, samples, conditions, state } = run(watchedPicture());
    const [before, after] = passes;
    const isMetric = ({ ground, speed }: PassSample) => ground !== null || speed !== null;
    expect(samples.map((of) => of.some(isMetric))).toEqual([true, false]);
    expect(before).toHaveProperty('deceleration_mps2');
    expect(after).not.toHaveProperty('deceleration_mps2');
    expect(samples[1]?.length).toBe(after?.samples);
    expect(before).toMatchObject({ verdict: 'full_stop' });
    expect(before?.min_speed).not.toBeNull();
    expect(after).toMatchObject({
      verdict: 'indeterminate',
      suspended: 'moved',
      reason: 'The camera moved by 40 px at 14:03:20; its calibration no longer fits.',
      min_speed: null,
      approach_speed: null,
      stop_distance_m: null,
      min_speed_utc: null,
    });
    expect(after?.stopped_s?.value).toBeCloseTo(2, 0);
    expect(conditions).toEqual([
      {
        type: 'camera_moved',
        id: expect.stringMatching(/^[0-9A-Z]{26}$/),
        camera: 'front',
        ts_utc: expect.closeTo(START_UTC + 20, 0),
        detail: expect.objectContaining({
          phase: 'began',
          sentence: after?.reason,
          shift_px: [expect.closeTo(40, 0), expect.closeTo(0, 0)],
        }),
      },
    ]);
    expect(state.trust.present).toMatchObject({ kind: 'moved', sentence: after?.reason });
  });

  it('gives verdicts again after somebody confirmed the view, and says that it does', () => {
    const early = { ...scenario, disturbance: { bump: { atS: 13, shiftPx: [40, 0] as const } } };
    let suspendedLooks = 0;
    const { passes, conditions } = run(
      watchedPicture((watch) => {
        if (watch.finding.suspension && ++suspendedLooks === 2) watch.confirm();
      }, early),
      early,
    );
    expect(conditions.map(({ detail }) => [detail['phase'], detail['how']])).toEqual([
      ['began', undefined],
      ['ended', 'confirmed'],
    ]);
    // It came into view after that: nothing of it was measured with the old view in mind.
    expect(passes[1]?.entered_utc).toBeGreaterThan((conditions[1] as ConditionEvent).ts_utc);
    expect(passes[1]).toMatchObject({ verdict: 'full_stop' });
  });
});

describe('what a verdict is worth', () => {
  const moment = (sinceUtc: number, kind: 'moved' | 'blocked' = 'moved'): ViewFinding => ({
    state: kind,
    suspension: { kind, sinceUtc, shiftPx: kind === 'moved' ? [30, 40] : null, turnDeg: 0, zoom: 1, hidden: 0.8 },
  });
  const pass = (over: Partial<PassEvent> = {}) =>
    ({
      entered_utc: 100,
      exited_utc: 110,
      verdict: 'full_stop',
      reason: 'stood',
      stopped_s: interval,
      min_speed: interval,
      encroached: true,
      ...over,
    }) as PassEvent;
  const interval = { value: 2, lo: 1.9, hi: 2.1, unit: 'km/h' as const };

  it('is nothing for a pass that was under way when the camera moved, its stop included', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see(moment(105), 113);
    expect(trust.judge(pass(), 98)).toMatchObject({
      verdict: 'indeterminate',
      stopped_s: null,
      min_speed: null,
      encroached: false,
    });
  });

  it('stays for a pass that was over before', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see(moment(111), 118);
    expect(trust.judge(pass(), 98)).toEqual(pass());
  });

  it('is nothing for a pass that began before the camera came back, and full for the next', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see(moment(50), 60);
    trust.see({ state: 'steady', ended: { kind: 'moved', sinceUtc: 50, untilUtc: 104, how: 'by_itself' } }, 104);
    expect(trust.judge(pass(), 98)).toMatchObject({ verdict: 'indeterminate', stopped_s: null });
    expect(trust.judge(pass({ entered_utc: 120, exited_utc: 125 }), 115)).toMatchObject({ verdict: 'full_stop' });
  });

  it('is nothing for whatever suspension its time overlaps, also when another one came later', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see(moment(10), 20);
    trust.see({ state: 'steady', ended: { kind: 'moved', sinceUtc: 10, untilUtc: 50, how: 'by_itself' } }, 50);
    trust.see(moment(200, 'blocked'), 215);
    const early = pass({ entered_utc: 60, exited_utc: 100 });
    expect(trust.judge(early, 40)).toMatchObject({
      verdict: 'indeterminate',
      suspended: 'moved',
      reason: expect.stringContaining('at 00:00:10'),
      stopped_s: null,
    });
    expect(trust.judge(early, 55)).toEqual(early);
    expect(trust.judge(pass({ entered_utc: 190, exited_utc: 205 }), 180)).toMatchObject({ suspended: 'blocked' });
    // Both: what was moved takes more from it.
    expect(trust.judge(pass({ entered_utc: 60, exited_utc: 205 }), 40)).toMatchObject({
      suspended: 'moved',
      min_speed: null,
    });
  });

  it('has nothing left in metres when the camera moved, the braking included', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see(moment(50), 60);
    const braked = pass({ deceleration_mps2: { mean: interval, peak: interval } });
    const told = trust.judge(braked, 98);
    expect(told).not.toHaveProperty('deceleration_mps2');
    expect(toldSamples(told, [{ ts_utc: 1, bbox: [0, 0, 9, 9], ground: [1, 2], speed: 3 }])).toEqual([
      { ts_utc: 1, bbox: [0, 0, 9, 9], ground: null, speed: null },
    ]);
  });

  it('is nothing while the view is another one, also after the clock was set back before the time it was moved', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see(moment(500), 510);
    trust.see(moment(500), 90);
    expect(trust.judge(pass(), 98)).toMatchObject({ verdict: 'indeterminate', suspended: 'moved' });
    const successor = new ViewTrust('front', 'UTC');
    successor.see(moment(500), 90);
    expect(successor.judge(pass(), 98)).toMatchObject({ verdict: 'indeterminate', suspended: 'moved' });
  });

  it('keeps what was measured behind a blocked view', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see(moment(50, 'blocked'), 60);
    expect(trust.judge(pass(), 98)).toEqual({
      ...pass(),
      verdict: 'indeterminate',
      suspended: 'blocked',
      reason: 'The view has been blocked since 00:00:50: 80 % of it cannot be recognised.',
    });
  });

  it('is none while it is only doubted whether the camera moved, and is as before when it did not', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see({ state: 'doubtful' }, 109);
    expect(trust.judge(pass(), 98)).toMatchObject({ verdict: 'indeterminate', stopped_s: interval });
    trust.see({ state: 'steady' }, 111);
    expect(trust.judge(pass(), 98)).toEqual(pass());
  });

  it('is nothing at once for a successor that knows nothing, and what it tells has the same ids', () => {
    const first = new ViewTrust('front', 'UTC');
    const second = new ViewTrust('front', 'UTC');
    const [told] = first.see(moment(50), 60);
    const [again] = second.see(moment(50), 90);
    expect(again).toEqual(told);
    expect(second.judge(pass(), 98).verdict).toBe('indeterminate');
    const end: ViewFinding = {
      state: 'steady',
      ended: { kind: 'moved', sinceUtc: 50, untilUtc: 120, how: 'confirmed' },
    };
    const third = new ViewTrust('front', 'UTC');
    expect(third.see(end, 121)).toEqual(first.see(end, 121));
    expect(third.see(end, 122)).toEqual([]);
    expect(new ViewTrust('front', 'UTC').see(end, 500)).toEqual([]);
  });
});

describe('a view that is confirmed right after a start, before the first look', () => {
  const suspension = { kind: 'moved', sinceUtc: 50, shiftPx: [30, 40], turnDeg: 0, zoom: 1, hidden: 0 } as const;

  it('has the end of its suspension told, at the time of the first look', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see({ state: 'moved', suspension }, 60);
    const watch = new ViewWatch({ learned: null, suspension, ended: null });
    watch.confirm();
    expect(watch.finding).toEqual({
      state: 'learning',
      ended: { kind: 'moved', sinceUtc: 50, untilUtc: 50, how: 'confirmed' },
    });
    watch.look(view, 300);
    const [told] = trust.see(watch.finding, 300);
    expect(told).toMatchObject({ type: 'camera_moved', ts_utc: 300, detail: { phase: 'ended', how: 'confirmed' } });
    expect(trust.see(watch.finding, 301)).toEqual([]);
  });

  it('is told also to a tracker that is as new, and stays confirmed over the next restart', () => {
    const watch = new ViewWatch({ learned: null, suspension, ended: null });
    watch.confirm();
    watch.look(view, 300);
    expect(new ViewTrust('front', 'UTC').see(watch.finding, 300)).toHaveLength(1);
    expect(new ViewWatch(watch.data()).finding).toMatchObject({ confirmedUtc: 300, ended: { untilUtc: 300 } });
  });

  it('has an end told that lies at the beginning of all time', () => {
    const trust = new ViewTrust('front', 'UTC');
    trust.see({ state: 'moved', suspension: { ...suspension, sinceUtc: 0 } }, 1);
    const ended = { kind: 'moved', sinceUtc: 0, untilUtc: 0, how: 'confirmed' } as const;
    expect(trust.see({ state: 'learning', ended }, 2)).toHaveLength(1);
  });
});
