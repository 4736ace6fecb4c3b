/**
 * The analyzer's whole state as data, so that another analyzer goes on exactly where this one was: the same observations
 * after it give the same events, bit for bit. Taken and put back by the tracker room; for the same program and the same
 * configuration only, which is checked. Pure.
 */
import { StopsignError } from '../../errors.ts';
import { type AnalyzerOptions, type AnalyzerState, createAnalyzer } from '../site-analyzer.ts';
import { Vehicle } from '../stop/vehicle.ts';
import { FollowedTrack } from '../tracking/followed-track.ts';
import { StopsignTracker } from '../tracking/stopsign-tracker.ts';
import { ViewTrust } from '../view-watch/view-trust.ts';
import { WayWatch } from '../view-watch/way-watch.ts';
import { freezeGraph, type GraphData, type GraphKinds, thawGraph } from './graph.ts';

export interface AnalyzerSnapshot {
  readonly v: 1;
  readonly camera: string;
  readonly configVersion: string;
  readonly state: GraphData;
}

/** What an analyzer is made with, or makes of it at once: not part of the snapshot. */
const GIVEN: readonly (keyof AnalyzerState)[] = ['options', 'geometry', 'parking'];

export function snapshotAnalyzer(state: AnalyzerState): AnalyzerSnapshot {
  const { camera, configVersion } = state.options;
  return { v: 1, camera, configVersion, state: freezeGraph(changing(state), kinds(state)) };
}

/** Parked vehicles' long histories are not worth a place in every file. */
const SAMPLES_OF_PARKED = 64;

/** As `snapshotAnalyzer`, smaller: of those who are parked only the last moments. Not bit for bit, therefore. */
export function briefSnapshot(state: AnalyzerState): AnalyzerSnapshot {
  const vehicles = new Map(
    [...state.vehicles].map(([id, vehicle]) => {
      const isLong = vehicle.standing.isParked && vehicle.gate.state !== 'open';
      return [id, isLong ? vehicle.withNewest(SAMPLES_OF_PARKED) : vehicle];
    }),
  );
  return snapshotAnalyzer({ ...state, vehicles });
}

/**
 * @param options as the analyzer of the snapshot was made; `firstTrackId` does not matter
 * @throws StopsignError BAD_INPUT when the snapshot is of another camera, configuration or form
 */
export function restoreAnalyzer(options: AnalyzerOptions, snapshot: AnalyzerSnapshot): AnalyzerState {
  const fresh = createAnalyzer(options);
  const { v, camera, configVersion } = snapshot;
  if (v !== 1 || camera !== options.camera || configVersion !== options.configVersion) {
    throw new StopsignError('BAD_INPUT', 'The snapshot is of another camera or configuration.');
  }
  const state = thawGraph(snapshot.state, kinds(fresh)) as object;
  const hasSameFields = Object.keys(state).sort().join() === Object.keys(changing(fresh)).sort().join();
  if (!hasSameFields || snapshot.state.shapes.some((shape) => !isOfThisVersion(shape))) {
    throw new StopsignError('BAD_INPUT', 'The snapshot is of another version of this program.');
  }
  return Object.assign(fresh, state);
}

/** A class that has got or lost a field since cannot go on with what was stored of it. Shapes as in graph.ts. */
function isOfThisVersion([name, ...fields]: readonly string[]): boolean {
  const specimen = SPECIMENS.find((one) => one.constructor.name === name);
  return !specimen || Object.keys(specimen).sort().join() === [...fields].sort().join();
}

const TRACK = new FollowedTrack(0, 0, [0, 0, 1, 1], 1, 0);
/** One of each class below. */
const SPECIMENS: readonly object[] = [
  TRACK,
  new Vehicle(TRACK, 0),
  new StopsignTracker({ firstId: 1 }),
  new ViewTrust('', 'UTC'),
  new WayWatch(),
];

function changing(state: AnalyzerState): object {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !GIVEN.includes(key as keyof AnalyzerState)));
}

function kinds({ options, geometry, parking }: AnalyzerState): GraphKinds {
  const { site } = options;
  return {
    classes: { Vehicle, FollowedTrack, StopsignTracker, ViewTrust, WayWatch },
    externals: { options, site, policy: site.policy, geometry, parking },
  };
}
