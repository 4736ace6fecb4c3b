/** A stored pass judged again: the same under the same site, and nothing of the old figures where it is no pass. */
import { describe, expect, it } from 'vitest';
import { rejudgePass } from '../../../../src/domain/evidence/rejudge-pass.ts';
import { siteGeometry } from '../../../../src/domain/geometry/site-geometry.ts';
import { createAnalyzer, finish, type StepOutput, step } from '../../../../src/domain/site-analyzer.ts';
import type { PassEvent, PassEvidence, Site } from '../../../../src/domain/types.ts';
import { observe } from '../../../../src/sim/observe.ts';
import { loadScenario } from '../../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../../src/sim/site-of.ts';

const scenario = loadScenario('full-stop');
const site = siteOf(scenario);

function judgedLive(): { pass: PassEvent; evidence: PassEvidence } {
  let state = createAnalyzer({ camera: 'front', site, configVersion: 'old', modelSha256: 'abc', firstTrackId: 1 });
  const found: { pass: PassEvent; evidence: PassEvidence }[] = [];
  const keep = ({ events, passEvidence }: StepOutput) => {
    for (const event of events) {
      const evidence = passEvidence[event.id];
      if (event.type === 'pass' && evidence) found.push({ pass: event, evidence });
    }
  };
  for (const observation of observe(scenario, { fps: 10, noisePx: 0.5, seed: 3 })) {
    const [next, output] = step(state, observation);
    state = next;
    keep(output);
  }
  keep(finish(state));
  expect(found).toHaveLength(1);
  return found[0] as (typeof found)[0];
}

function under(changed: Site) {
  const result = siteGeometry(changed);
  if (!result.ok) throw new Error(result.problems.join());
  return { site: changed, geometry: result.geometry, configVersion: 'new' };
}

describe('a pass judged again', () => {
  const { pass, evidence } = judgedLive();

  it('is the same under the same site but for the name of the configuration', () => {
    const again = rejudgePass(pass, evidence, under(site));
    expect(again).toMatchObject({ isChanged: false, isFlipped: false });
    expect(again.pass).toEqual({ ...pass, config_version: 'new' });
  });

  it('keeps nothing but when and who it was where it is no pass of the new site', () => {
    expect(pass.deceleration_mps2).toBeDefined();
    // Its first frames alone, before the zone: as where the new zone lies behind them.
    const before = { ...evidence, rows: evidence.rows.slice(0, 5) };
    const again = rejudgePass(pass, before, under(site));
    expect(again).toMatchObject({ isChanged: true, isFlipped: true, samples: [] });
    expect(again.pass.reason).toContain('no pass under this configuration');
    const { id, camera, track_id, vehicle, entered_utc, exited_utc, model_sha256 } = pass;
    const kept = { type: 'pass', id, camera, track_id, vehicle, entered_utc, exited_utc, model_sha256 };
    expect(again.pass).toMatchObject({ ...kept, config_version: 'new', verdict: 'indeterminate' });
    const figures = Object.entries(again.pass).filter(([key]) => !(key in kept) && key !== 'config_version');
    // Each is a word, or says nothing: no number and no interval of the old judgement is left.
    expect(figures.filter(([, value]) => typeof value === 'object' && value !== null)).toEqual([]);
    expect(figures.filter(([, value]) => typeof value === 'number' && value !== 0)).toEqual([]);
  });
});
