/**
 * A stored pass judged again from its evidence under another configuration. Under the configuration it was judged with
 * live, the answer is the same to the last digit. Called by `stopsign rejudge`. Pure.
 */
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import { judgeOverOutages } from '../outage/judge-outage.ts';
import type { PassEvent, PassEvidence, PassSample, Site } from '../types.ts';
import { type PassIdentity, passEvent } from './pass-event.ts';
import { unpackEvidence } from './pass-evidence.ts';

export interface Rejudging {
  readonly site: Site;
  /** Of that site. */
  readonly geometry: SiteGeometry;
  readonly configVersion: string;
}

export interface RejudgedPass {
  readonly pass: PassEvent;
  readonly samples: readonly PassSample[];
  /** Something other than the name of the configuration is different. */
  readonly isChanged: boolean;
  readonly isFlipped: boolean;
}

/**
 * Identity, camera and detector stay those of the stored pass. Not for a pass whose verdict was withheld
 * (`evidence.isSuspended`): another configuration does not put a moved camera right.
 */
export function rejudgePass(stored: PassEvent, evidence: PassEvidence, under: Rejudging): RejudgedPass {
  const { site, geometry, configVersion } = under;
  const judged = judgeOverOutages({
    geometry,
    site,
    samples: unpackEvidence(evidence, geometry),
    vehicleClass: evidence.vehicle,
    ending: evidence.ending,
    outages: (evidence.outages ?? []).map(([fromUtc, toUtc]) => ({ fromUtc, toUtc })),
  });
  const { id, camera, track_id, vehicle, model_sha256 } = stored;
  const identity = { id, camera, track_id, vehicle, config_version: configVersion, model_sha256 };
  const pass = judged ? passEvent(judged, identity) : noPass(identity, stored);
  return {
    pass,
    samples: judged?.samples ?? [],
    isChanged: !isSame({ ...pass, config_version: '' }, { ...stored, config_version: '' }),
    isFlipped: pass.verdict !== stored.verdict,
  };
}

/**
 * The way it drove is no pass of this configuration: nothing can be said of it but when it was. Nothing is carried over
 * from the old judgement, so that no figure of it stays behind.
 */
function noPass(identity: PassIdentity, { entered_utc, exited_utc }: PassEvent): PassEvent {
  return {
    type: 'pass',
    ...identity,
    entered_utc,
    exited_utc,
    verdict: 'indeterminate',
    reason: 'no pass under this configuration: never in its zone, or without getting ahead in it',
    forced: false,
    encroached: false,
    complete: false,
    stopped_s: null,
    min_speed: null,
    min_speed_utc: null,
    approach_speed: null,
    stop_distance_m: null,
    time_in_zone_s: 0,
    samples: 0,
  };
}

/** Equal as plain data, whatever the order of the keys. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => isSame(left[key], right[key]));
}
