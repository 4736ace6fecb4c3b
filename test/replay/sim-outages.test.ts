/**
 * No picture for a while, at every moment around the shortest pass of the demo (in view for 5 s, in the zone for 1.8 s): a vehicle
 * of which anything was seen is told once, as incomplete where what counts was missed.
 */
import { expect, it } from 'vitest';
import { createAnalyzer, step } from '../../src/domain/site-analyzer.ts';
import type { PassEvent } from '../../src/domain/types.ts';
import { observe } from '../../src/sim/observe.ts';
import { loadScenario } from '../../src/sim/scenario-file.ts';
import { siteOf } from '../../src/sim/site-of.ts';

const scenario = loadScenario('demo');
const [FROM_S, TO_S] = [20, 33];
const inZone = { enteredS: 25.67, exitedS: 27.47 };
const seen = [...observe(scenario, { fps: 15, startUtc: 0 })].filter(({ tsUtc }) => tsUtc >= FROM_S && tsUtc <= TO_S);

/** Of the pass, with no picture between two moments. */
function passesWithout(gapFromS: number, gapToS: number): PassEvent[] {
  let state = createAnalyzer({
    camera: 'demo',
    site: siteOf(scenario),
    configVersion: 'v',
    modelSha256: null,
    firstTrackId: 1,
  });
  const passes: PassEvent[] = [];
  for (const observation of seen.filter(({ tsUtc }) => tsUtc < gapFromS || tsUtc >= gapToS)) {
    const [next, { events }] = step(state, observation);
    state = next;
    passes.push(...events.filter((event) => event.type === 'pass'));
  }
  return passes.filter((pass) => pass.entered_utc < inZone.exitedS + 1 && pass.exited_utc > inZone.enteredS - 1);
}

function* gaps(lengthS: number) {
  for (let fromS = inZone.enteredS - lengthS - 0.3; fromS < inZone.exitedS + 0.5; fromS += 0.2) {
    yield [fromS, fromS + lengthS] as const;
  }
}

it.each([0.5, 1, 2, 3, 4])('a pass is told, once, whenever %d s of it are missed', (lengthS) => {
  const otherwise = [...gaps(lengthS)].filter(([fromS, toS]) => passesWithout(fromS, toS).length !== 1);
  expect(otherwise).toEqual([]);
});

it('half a second missed leaves it complete, with its verdict', () => {
  for (const [fromS, toS] of gaps(0.5)) {
    expect(passesWithout(fromS, toS), `${fromS}`).toMatchObject([{ complete: true, verdict: 'no_stop' }]);
  }
});

it('a pass that happened where nobody looked is not made up as complete', () => {
  const told = [...gaps(3)]
    .filter(([fromS, toS]) => fromS < inZone.enteredS && toS > inZone.exitedS)
    .flatMap(([fromS, toS]) => passesWithout(fromS, toS));
  expect(told.length).toBeGreaterThan(0);
  for (const pass of told) expect(pass).toMatchObject({ complete: false, verdict: 'indeterminate' });
});
