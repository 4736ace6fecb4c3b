/** A snapshot that another version of the program left. */
import { expect, it } from 'vitest';
import { createAnalyzer, step } from '../../../../src/domain/site-analyzer.ts';
import {
  type AnalyzerSnapshot,
  restoreAnalyzer,
  snapshotAnalyzer,
} from '../../../../src/domain/snapshot/analyzer-snapshot.ts';
import { demoSite, observe, roller } from '../synthetic-scene.ts';

const options = { camera: 'a', site: demoSite, configVersion: '1', modelSha256: null, firstTrackId: 1 };
const film = observe([roller({ start: 0, slowest: 3 })], { fps: 10, seconds: 2, noisePx: 0.5, seed: 1 });

function left(program: string): AnalyzerSnapshot {
  let state = createAnalyzer(options);
  for (const observation of film) [state] = step(state, observation);
  expect(state.vehicles.size).toBe(1);
  return JSON.parse(JSON.stringify(snapshotAnalyzer(state, program))) as AnalyzerSnapshot;
}

it('is refused, whatever has changed since', () => {
  expect(() => restoreAnalyzer(options, left('one'), 'one')).not.toThrow();
  expect(() => restoreAnalyzer(options, left('one'), 'two')).toThrow('another version of this program');
});

it('is refused when it is of another form', () => {
  const former = { ...left('one'), v: 1 } as unknown as AnalyzerSnapshot;
  expect(() => restoreAnalyzer(options, former, 'one')).toThrow('another version of this program');
});

it('is refused before anything in it is looked at', () => {
  const strange = { ...left('one'), state: { root: null, shared: [], shapes: [] } };
  expect(() => restoreAnalyzer(options, strange, 'two')).toThrow('another version of this program');
});
