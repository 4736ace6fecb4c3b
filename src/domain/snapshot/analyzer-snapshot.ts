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
import { ShapeWatch } from '../view-watch/shape-watch.ts';
import { ViewTrust } from '../view-watch/view-trust.ts';
import { WayWatch } from '../view-watch/way-watch.ts';
import { freezeGraph, type GraphData, type GraphKinds, thawGraph } from './graph.ts';

export interface AnalyzerSnapshot {
  readonly v: 2;
  /** Version of the code of this folder's parent, which all that is in `state` is made by; '' where there is only one. */
  readonly program: string;
  readonly camera: string;
  readonly configVersion: string;
  readonly state: GraphData;
}

/** What an analyzer is made with, or makes of it at once: not part of the snapshot. */
const GIVEN: readonly (keyof AnalyzerState)[] = ['options', 'geometry', 'parking'];

export function snapshotAnalyzer(state: AnalyzerState, program = ''): AnalyzerSnapshot {
  const { camera, configVersion } = state.options;
  return { v: 2, program, camera, configVersion, state: freezeGraph(changing(state), kinds(state)) };
}

/** Parked vehicles' long histories are not worth a place in every file. */
const SAMPLES_OF_PARKED = 64;

/** As `snapshotAnalyzer`, smaller: of those who are parked only the last moments. Not bit for bit, therefore. */
export function briefSnapshot(state: AnalyzerState, program = ''): AnalyzerSnapshot {
  const vehicles = new Map(
    [...state.vehicles].map(([id, vehicle]) => {
      const isLong = vehicle.standing.isParked && vehicle.gate.state !== 'open';
      return [id, isLong ? vehicle.withNewest(SAMPLES_OF_PARKED) : vehicle];
    }),
  );
  return snapshotAnalyzer({ ...state, vehicles }, program);
}

/**
 * @param options as the analyzer of the snapshot was made; `firstTrackId` does not matter
 * @throws StopsignError BAD_INPUT when the snapshot is of another camera, configuration, form or version of the program
 */
export function restoreAnalyzer(options: AnalyzerOptions, snapshot: AnalyzerSnapshot, program = ''): AnalyzerState {
  const fresh = createAnalyzer(options);
  const { v, camera, configVersion } = snapshot;
  if (camera !== options.camera || configVersion !== options.configVersion) {
    throw new StopsignError('BAD_INPUT', 'The snapshot is of another camera or configuration.');
  }
  // Any object in it may have another shape or meaning by now; nothing less than the code itself can tell.
  const isOfThisProgram = v === 2 && snapshot.program === program;
  const state = isOfThisProgram ? (thawGraph(snapshot.state, kinds(fresh)) as object) : {};
  if (Object.keys(state).sort().join() !== Object.keys(changing(fresh)).sort().join()) {
    throw new StopsignError('BAD_INPUT', 'The snapshot is of another version of this program.');
  }
  return Object.assign(fresh, state);
}

function changing(state: AnalyzerState): object {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !GIVEN.includes(key as keyof AnalyzerState)));
}

function kinds({ options, geometry, parking }: AnalyzerState): GraphKinds {
  const { site } = options;
  return {
    classes: { Vehicle, FollowedTrack, StopsignTracker, ShapeWatch, ViewTrust, WayWatch },
    externals: { options, site, policy: site.policy, geometry, parking },
  };
}
