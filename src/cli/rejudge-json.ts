/** What `stopsign rejudge --json` prints: everything, every flip included. Pure. */
import type { PassEvent } from '../domain/types.ts';
import type { RejudgedCamera, RejudgingResult } from './rejudging-result.ts';

export function rejudgingJson({ question, isApplied, passes, tally, cameras }: RejudgingResult): object {
  const { judged, withoutEvidence, suspended, withoutSite, changed, verdicts, shifts, flips } = tally;
  return {
    since_utc: question.sinceUtc,
    until_utc: question.untilUtc ?? null,
    camera: question.camera ?? null,
    applied: isApplied,
    passes,
    judged,
    without_evidence: withoutEvidence,
    suspended,
    without_site: withoutSite,
    cameras: cameras.map(cameraJson),
    verdicts: [...verdicts].flatMap(([old, row]) => [...row].map(([now, n]) => ({ old, new: now, n }))),
    changed,
    largest_shifts: {
      stopped_s: shifts.stoppedS,
      min_speed: shifts.minSpeed,
      stop_distance_m: shifts.stopDistanceM,
    },
    flipped: flips.length,
    flips: flips.map(({ old, new: now }) => ({
      id: old.id,
      camera: old.camera,
      track_id: old.track_id,
      vehicle: old.vehicle,
      entered_utc: old.entered_utc,
      old: figures(old),
      new: figures(now),
    })),
  };
}

function cameraJson({ name, configVersion, from, differences, before, after, rejudgement }: RejudgedCamera): object {
  const score = (told: typeof before) => ({ judged: told.judged, voluntary: told.voluntary });
  return {
    name,
    config_version: configVersion,
    judged_before_under: from,
    differences,
    before: score(before),
    after: score(after),
    rejudgement,
  };
}

function figures(pass: PassEvent): object {
  const { verdict, reason, forced, encroached, complete, stopped_s, min_speed, stop_distance_m, config_version } = pass;
  return { verdict, reason, forced, encroached, complete, stopped_s, min_speed, stop_distance_m, config_version };
}
