/** What an operator reads of passes judged again, and what is told to be different between two sites. */
import { describe, expect, it } from 'vitest';
import { rejudgingJson } from '../../../src/cli/rejudge-json.ts';
import { describeRejudging } from '../../../src/cli/rejudge-report.ts';
import { RejudgeTally } from '../../../src/cli/rejudge-tally.ts';
import type { RejudgingResult } from '../../../src/cli/rejudging-result.ts';
import { siteDifferences } from '../../../src/cli/site-differences.ts';
import type { PassEvent, Site } from '../../../src/domain/types.ts';
import { loadScenario } from '../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../src/sim/site-of.ts';
import { passEvent, T0 } from '../../integration/store/sample-facts.ts';

const site = siteOf(loadScenario('full-stop'));

function resultOf(pairs: readonly (readonly [PassEvent, PassEvent | null])[], over: Partial<RejudgingResult> = {}) {
  const tally = new RejudgeTally();
  for (const [old, now] of pairs) {
    const isFlipped = now?.verdict !== old.verdict;
    tally.add(old, now && { pass: now, samples: [], isFlipped, isChanged: now !== old });
  }
  const differences = siteDifferences(site, { ...site, policy: { ...site.policy, min_stop_s: 3 } });
  const camera = { ...tally.camera('demo'), name: 'demo', configVersion: 'new', differences, rejudgement: null };
  const question = { sinceUtc: T0 };
  return { question, isApplied: false, passes: pairs.length, tally, cameras: [camera], ...over } as RejudgingResult;
}

const rolled = (n: number) => passEvent(n, 'rolling_stop', { reason: 'stood 1.48 s, less than 3.00 s' });

describe('the report of a rejudging', () => {
  const moved = passEvent(3, 'full_stop', { min_speed: { value: 0.4, lo: 0, hi: 1, unit: 'km/h' } });
  const result = resultOf([
    [passEvent(1), rolled(1)],
    [passEvent(2), rolled(2)],
    [passEvent(3), moved],
    [passEvent(4, 'no_stop'), null],
  ]);
  const text = describeRejudging(result);

  it('says what is different in the configuration, and what becomes of the score', () => {
    expect(text).toContain(`policy.min_stop_s: ${site.policy.min_stop_s} → 3`);
    expect(text).toContain('score        75 of 100 (n = 4) → 25 of 100 (n = 4)');
    expect(text).toContain('judged before: 4 under abc');
  });

  it('counts what became of each verdict', () => {
    const row = /was full stop +(\S+) +(\S+) +(\S+) +(\S+)/.exec(text);
    expect(row?.slice(1)).toEqual(['1', '2', '·', '·']);
    expect(text).toContain('4 since 2024-09-12T22:12:30Z, 3 judged again');
    expect(text).toContain(
      '1 with the same verdict and other figures: standing by up to 0.00 s, slowest by up to 0.4 km/h',
    );
  });

  it('names each flip with both reasons, and only those figures that read differently', () => {
    expect(text).toContain('full stop → rolling stop: 2');
    expect(text).toContain('was: stood 1.48 s\n    now: stood 1.48 s, less than 3.00 s\n');
    expect(text).not.toContain('measured anew');
    const other = { ...rolled(5), stopped_s: { value: 1.2, lo: 1.1, hi: 1.3 } };
    expect(describeRejudging(resultOf([[passEvent(5), other]]))).toContain(
      'measured anew: stood 1.48 (1.39 to 1.57) → 1.20 (1.10 to 1.30) s\n',
    );
  });

  it('stays readable when very many flip; JSON has them all', () => {
    const many = resultOf(Array.from({ length: 500 }, (_, n) => [passEvent(n), rolled(n)] as const));
    expect(describeRejudging(many).split('\n').length).toBeLessThan(90);
    expect(describeRejudging(many)).toContain('… and 480 more; --json lists all of them');
    expect((rejudgingJson(many) as { flips: unknown[] }).flips).toHaveLength(500);
    expect(rejudgingJson(many)).toMatchObject({ verdicts: [{ old: 'full_stop', new: 'rolling_stop', n: 500 }] });
  });

  it('says where the old judgements are, or that there was nothing to store', () => {
    const [camera] = result.cameras;
    const kept = { ...camera, rejudgement: 7 } as RejudgingResult['cameras'][0];
    expect(describeRejudging({ ...result, isApplied: true, cameras: [kept] })).toContain(
      'Stored as rejudgement 7 (demo)',
    );
    expect(describeRejudging({ ...result, isApplied: true })).toContain('There was nothing to store');
    expect(text).toContain('Nothing was written. Repeat with --apply');
  });
});

describe('two sites', () => {
  it('differ by key, a point in one piece', () => {
    const points = site.calibration?.points ?? [];
    const first = { ...points[0], ground: [-31, 2] as const };
    const changed = {
      ...site,
      policy: { ...site.policy, rolling_below: 5 },
      calibration: { ...site.calibration, points: [first, ...points.slice(1)] },
    } as unknown as Site;
    expect(siteDifferences(site, changed)).toEqual([
      { key: 'calibration.points[0].ground', old: points[0]?.ground, new: [-31, 2] },
      { key: 'policy.rolling_below', old: site.policy.rolling_below, new: 5 },
    ]);
    expect(siteDifferences(site, structuredClone(site))).toEqual([]);
  });

  it('differ by what only one of them has', () => {
    const { calibration, ...without } = site;
    expect(siteDifferences(without as Site, site)).toEqual([{ key: 'calibration', old: undefined, new: calibration }]);
  });
});
