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

function left(): AnalyzerSnapshot {
  let state = createAnalyzer(options);
  for (const observation of film) [state] = step(state, observation);
  expect(state.vehicles.size).toBe(1);
  return JSON.parse(JSON.stringify(snapshotAnalyzer(state))) as AnalyzerSnapshot;
}

it.each(['Vehicle', 'FollowedTrack', 'StopsignTracker', 'ViewTrust', 'WayWatch'])(
  'is refused when %s has another field since',
  (name) => {
    const snapshot = left();
    expect(() => restoreAnalyzer(options, snapshot)).not.toThrow();
    const shapes = snapshot.state.shapes.map((shape) =>
      shape[0] === name ? [name, 'former', ...shape.slice(2)] : shape,
    );
    const former = { ...snapshot, state: { ...snapshot.state, shapes } };
    expect(shapes).not.toEqual(snapshot.state.shapes);
    expect(() => restoreAnalyzer(options, former)).toThrow('another version of this program');
  },
);
