/** What lies beside the demo clip is what its scenario says: a changed scenario asks for a new clip. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadScenario } from '../../../src/sim/scenario-file.ts';
import { siteYaml } from '../../../src/sim/site-of.ts';
import { truthLines } from '../../../src/sim/truth-file.ts';
import { projectRoot } from '../../support/shared.ts';

const demo = loadScenario('demo');
const committed = (ending: string): string => readFileSync(join(projectRoot(), `demo/demo.${ending}`), 'utf8');

it('the truth of the demo clip is that of its scenario', () => {
  const lines = [...truthLines(demo)].map((line) => JSON.stringify(line));
  expect(committed('truth.ndjson').trimEnd().split('\n')).toEqual(lines);
});

it('the site of the demo clip is that of its scenario', () => {
  expect(committed('site.yaml')).toBe(siteYaml(demo));
});
