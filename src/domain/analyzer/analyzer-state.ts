/** What an analyzer is made with and what it keeps between steps. Made and stepped by site-analyzer.ts, changed by the files of this folder. */
import type { EvenTime } from '../even-time/even-time.ts';
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import type { OutageWatch } from '../outage/outage-watch.ts';
import type { ParkingRules } from '../stop/standing.ts';
import type { StandingVehicle } from '../stop/standing-vehicle.ts';
import type { Vehicle } from '../stop/vehicle.ts';
import type { StopsignTracker } from '../tracking/stopsign-tracker.ts';
import type { Site } from '../types.ts';
import type { ViewTrust } from '../view-watch/view-trust.ts';

export interface AnalyzerOptions {
  readonly camera: string;
  readonly site: Site;
  readonly configVersion: string;
  readonly modelSha256: string | null;
  /** Ids go up from here, so that they are never used twice. */
  readonly firstTrackId: number;
  readonly parking?: ParkingRules;
  /** Vehicles that stood when the analyzer before this one ended (TrackInfo.standing of its last summaries). */
  readonly recall?: readonly StandingVehicle[] | undefined;
}

export interface AnalyzerState {
  readonly options: AnalyzerOptions;
  readonly geometry: SiteGeometry;
  readonly parking: ParkingRules;
  tracker: StopsignTracker;
  readonly vehicles: Map<number, Vehicle>;
  readonly trust: ViewTrust;
  outages: OutageWatch;
  /** What keeps `lastTsUtc`, and all times of vehicles, even while a clock is set. */
  readonly time: EvenTime;
  /** Even time of the newest observation. */
  lastTsUtc: number | null;
  /** Observations that were not later than the one before. */
  ignored: number;
  /** Times that the clock went back, and was followed. */
  resets: number;
}
