/** A camera that sends pictures of another shape than the calibrated one: what becomes of passes, and what is told when. */
import { describe, expect, it } from 'vitest';
import { createAnalyzer, finish, step } from '../../../../src/domain/site-analyzer.ts';
import {
  type AnalyzerSnapshot,
  restoreAnalyzer,
  snapshotAnalyzer,
} from '../../../../src/domain/snapshot/analyzer-snapshot.ts';
import type { ConditionEvent, Observation, PassEvent } from '../../../../src/domain/types.ts';
import { isOfShape, type PictureSize } from '../../../../src/domain/view-watch/picture-shape.ts';
import { toldSamples, ViewTrust } from '../../../../src/domain/view-watch/view-trust.ts';
import { demoSite, observe, stopper } from '../synthetic-scene.ts';

const CALIBRATED = { width: 1280, height: 720 };
const OTHER = { width: 640, height: 480 };
const SENTENCE =
  'From 00:00:50 on the camera sent pictures of 640 × 480: another shape than the 1280 × 720 it was calibrated in.';

describe('the shape of a picture', () => {
  it.each<[string, PictureSize, boolean]>([
    ['a quarter of it', { width: 640, height: 360 }, true],
    ['full HD', { width: 1920, height: 1080 }, true],
    ['full HD in whole macroblocks', { width: 1920, height: 1088 }, true],
    ['480 lines of 16 : 9', { width: 848, height: 480 }, true],
    ['272 lines', { width: 480, height: 272 }, true],
    ['4 : 3', { width: 640, height: 480 }, false],
    ['16 : 10', { width: 1280, height: 800 }, false],
    ['cinema', { width: 1998, height: 1080 }, false],
    ['upright', { width: 720, height: 1280 }, false],
  ])('of %s is told from others by the sizes alone', (_, picture, isSame) => {
    expect(isOfShape(picture, CALIBRATED)).toBe(isSame);
    expect(isOfShape(CALIBRATED, picture)).toBe(isSame);
  });
});

describe('a change of shape', () => {
  const interval = { value: 2, lo: 1.9, hi: 2.1, unit: 'km/h' as const };
  const pass = (over: Partial<PassEvent> = {}) =>
    ({
      entered_utc: 100,
      exited_utc: 110,
      verdict: 'full_stop',
      reason: 'stood',
      complete: true,
      stopped_s: interval,
      min_speed: interval,
      encroached: true,
      ...over,
    }) as PassEvent;
  const trust = (fromUtc: number, untilUtc?: number): ViewTrust => {
    const made = new ViewTrust('front', 'UTC');
    made.seeShape(OTHER, CALIBRATED, fromUtc);
    if (untilUtc !== undefined) made.seeShape(CALIBRATED, CALIBRATED, untilUtc);
    return made;
  };

  it('is told once when it begins and once when it ends, without an admin', () => {
    const of = new ViewTrust('front', 'UTC');
    expect(of.seeShape(CALIBRATED, CALIBRATED, 49)).toEqual([]);
    const began = of.seeShape(OTHER, CALIBRATED, 50);
    expect(of.seeShape(OTHER, CALIBRATED, 51)).toEqual([]);
    expect(of.present).toEqual({ kind: 'reshaped', sinceUtc: 50, sentence: SENTENCE });
    const ended = of.seeShape({ width: 640, height: 360 }, CALIBRATED, 60);
    expect(of.seeShape(CALIBRATED, CALIBRATED, 61)).toEqual([]);
    expect(of.present).toBeNull();
    const about = { type: 'picture_reshaped', camera: 'front', id: expect.stringMatching(/^[0-9A-Z]{26}$/) };
    expect([...began, ...ended]).toEqual([
      {
        ...about,
        ts_utc: 50,
        detail: {
          phase: 'began',
          reason: 'size',
          since_utc: 50,
          sentence: SENTENCE,
          size: [640, 480],
          calibrated_size: [1280, 720],
        },
      },
      {
        ...about,
        ts_utc: 60,
        detail: expect.objectContaining({ phase: 'ended', since_utc: 50, until_utc: 60, how: 'by_itself' }),
      },
    ]);
    expect(began[0]?.id).not.toBe(ended[0]?.id);
  });

  it('from one wrong shape to another goes on, and names the newest', () => {
    const of = trust(50);
    expect(of.seeShape({ width: 720, height: 576 }, CALIBRATED, 55)).toEqual([]);
    expect(of.present).toMatchObject({ sinceUtc: 50, sentence: expect.stringContaining('720 × 576') });
  });

  it('leaves nothing in metres of a pass, but how long it stood where all of it was seen in one shape', () => {
    const told = trust(50).judge(pass(), 98);
    expect(told).toMatchObject({
      verdict: 'indeterminate',
      suspended: 'reshaped',
      reason: SENTENCE,
      min_speed: null,
      encroached: false,
      stopped_s: interval,
    });
    expect(toldSamples(told, [{ ts_utc: 1, bbox: [0, 0, 9, 9], ground: [1, 2], speed: 3 }])).toEqual([
      { ts_utc: 1, bbox: [0, 0, 9, 9], ground: null, speed: null },
    ]);
    expect(trust(105).judge(pass(), 98).stopped_s).toBeNull();
    expect(trust(50, 105).judge(pass(), 98)).toMatchObject({ suspended: 'reshaped', stopped_s: null });
  });

  it('is no matter to who had left before, nor to who came with the first right picture', () => {
    expect(trust(110.1).judge(pass(), 98)).toEqual(pass());
    expect(trust(50, 98).judge(pass(), 98)).toEqual(pass());
  });

  it('takes the verdict of who was lost by it, though it was last seen before', () => {
    const lost = pass({ complete: false, verdict: 'no_stop' });
    expect(trust(110.9).judge(lost, 98)).toMatchObject({ verdict: 'indeterminate', suspended: 'reshaped' });
    expect(trust(112).judge(lost, 98)).toEqual(lost);
  });

  it('lasts over a clock that is set back', () => {
    const of = trust(5_000);
    expect(of.seeShape(OTHER, CALIBRATED, 90)).toEqual([]);
    expect(of.judge(pass(), 98)).toMatchObject({ suspended: 'reshaped' });
    expect(of.seeShape(CALIBRATED, CALIBRATED, 115)).toHaveLength(1);
    expect(of.judge(pass({ entered_utc: 120, exited_utc: 130 }), 118)).toMatchObject({ verdict: 'full_stop' });
  });

  it('takes it also when the camera was away for the change, but not when it was off for long', () => {
    const lost = pass({ complete: false });
    const changed = (lastUtc: number, fromUtc: number): ViewTrust => {
      const made = new ViewTrust('front', 'UTC');
      made.seeShape(CALIBRATED, CALIBRATED, lastUtc);
      made.seeShape(OTHER, CALIBRATED, fromUtc);
      made.seeShape(OTHER, CALIBRATED, fromUtc + 1);
      return made;
    };
    expect(changed(110.5, 115).judge(lost, 98)).toMatchObject({ suspended: 'reshaped', verdict: 'indeterminate' });
    expect(changed(111.5, 115).judge(lost, 98)).toEqual(lost);
    expect(changed(110.5, 130).judge(lost, 98)).toEqual(lost);
    // It had driven off.
    expect(changed(110.5, 115).judge(pass(), 98)).toEqual(pass());
  });

  it('is the reason that is told when the picture seems moved or covered as well', () => {
    const of = trust(50);
    const covered = { kind: 'blocked', sinceUtc: 60, shiftPx: null, turnDeg: 0, zoom: 1, hidden: 0.8 } as const;
    of.see({ state: 'blocked', suspension: covered }, 70);
    expect(of.present?.kind).toBe('reshaped');
    expect(of.judge(pass(), 98)).toMatchObject({ suspended: 'reshaped', reason: SENTENCE, min_speed: null });
    of.see(
      { state: 'steady', ended: { kind: 'blocked', sinceUtc: 60, untilUtc: 80, how: 'confirmed' }, confirmedUtc: 80 },
      80,
    );
    expect(of.present?.kind).toBe('reshaped');
  });
});

describe('an analyzer whose camera changes the shape', () => {
  const options = {
    camera: 'front',
    site: { ...demoSite, timezone: 'UTC' },
    configVersion: 'v',
    modelSha256: null,
    firstTrackId: 1,
  };
  const [first, second, third] = [0, 20, 40].map((start) => stopper({ start, stand: 2 })) as [
    ReturnType<typeof stopper>,
    ReturnType<typeof stopper>,
    ReturnType<typeof stopper>,
  ];
  const film = observe([first, second, third], { fps: 10, seconds: 60, noisePx: 0.5, seed: 4 });

  function run(
    picture: (t: number) => PictureSize,
    seen: readonly Observation[] = film,
    cutAt: readonly number[] = [],
  ) {
    let state = createAnalyzer(options);
    const passes: PassEvent[] = [];
    const conditions: ConditionEvent[] = [];
    const take = (output: ReturnType<typeof finish>) => {
      passes.push(...output.events.filter((event) => event.type === 'pass'));
      conditions.push(...output.conditions);
    };
    for (const observation of seen) {
      if (cutAt.includes(observation.frame)) {
        const text = JSON.stringify(snapshotAnalyzer(state));
        state = restoreAnalyzer(options, JSON.parse(text) as AnalyzerSnapshot);
      }
      const [next, output] = step(state, { ...observation, picture: picture(observation.tsUtc) });
      state = next;
      take(output);
    }
    take(finish(state));
    return { passes, conditions };
  }
  const between = (fromS: number, untilS: number) => (t: number) => (t >= fromS && t < untilS ? OTHER : CALIBRATED);

  it('judges pictures of another size and the same shape as it always did', () => {
    const { passes, conditions } = run((t) => (t < 20 ? CALIBRATED : { width: 640, height: 360 }));
    expect(passes.map(({ verdict }) => verdict)).toEqual(['full_stop', 'full_stop', 'full_stop']);
    expect(conditions).toEqual([]);
  });

  it('tells the pass that is under way as indeterminate, with the reason, and judges the next in the right shape', () => {
    const { passes, conditions } = run(between(second.restFrom + 1, 38));
    expect(passes.map(({ verdict, suspended }) => [verdict, suspended])).toEqual([
      ['full_stop', undefined],
      ['indeterminate', 'reshaped'],
      ['full_stop', undefined],
    ]);
    expect(passes[1]).toMatchObject({ stopped_s: null, min_speed: null });
    expect(passes[1]?.reason).toBe(conditions[0]?.detail['sentence']);
    expect(conditions.map(({ ts_utc, detail }) => [detail['phase'], ts_utc])).toEqual([
      ['began', expect.closeTo(second.restFrom + 1, 0)],
      ['ended', 38],
    ]);
  });

  it('tells it also when nothing of the new picture can be matched with the old', () => {
    const atS = second.restFrom - 1;
    const blind = film.map((o) => (o.tsUtc >= atS && o.tsUtc < 36 ? { ...o, detections: [] } : o));
    const { passes } = run(between(atS, 38), blind);
    expect(passes.map(({ verdict, suspended }) => [verdict, suspended])).toEqual([
      ['full_stop', undefined],
      ['indeterminate', 'reshaped'],
      ['full_stop', undefined],
    ]);
  });

  it('tells it when the camera was away for four seconds and came back in another shape', () => {
    const [fromS, untilS] = [second.restFrom + 1, second.restFrom + 5];
    const gone = film
      .filter(({ tsUtc }) => tsUtc < fromS || tsUtc >= untilS)
      .map((o) => (o.tsUtc >= untilS && o.tsUtc < 36 ? { ...o, detections: [] } : o));
    const { passes } = run(between(untilS, 38), gone);
    expect(passes.map(({ verdict, suspended }) => [verdict, suspended])).toEqual([
      ['full_stop', undefined],
      ['indeterminate', 'reshaped'],
      ['full_stop', undefined],
    ]);
  });

  it('goes on as if nothing were when it is put away and taken up again meanwhile', () => {
    const shape = between(second.restFrom + 1, 38);
    const at = (t: number) => Math.round(t * 10);
    expect(run(shape, film, [at(second.restFrom), at(second.restFrom + 2), at(35), at(39)])).toEqual(run(shape));
  });
});
