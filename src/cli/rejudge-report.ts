/** What `stopsign rejudge` says: which verdicts flip, and why; for people and as JSON. */
import type { Interval, PassEvent } from '../domain/types.ts';
import type { Flip, RejudgingResult } from './rejudge.ts';

export function describeRejudging(result: RejudgingResult): string {
  const { passes, judged, withoutEvidence, suspended, withoutSite, changed, flips, isApplied } = result;
  const versions = Object.entries(result.configVersions).map(([camera, version]) => `${camera} ${version}`);
  const lines = [
    `passes         ${passes} since ${moment(result.question.sinceUtc)}, ${judged} judged again`,
    `configuration  ${versions.join(', ') || 'not used'}`,
  ];
  if (withoutEvidence > 0) lines.push(`left alone     ${withoutEvidence} stored without what they were judged on`);
  if (suspended > 0) lines.push(`left alone     ${suspended} withheld because the camera's view could not be trusted`);
  if (withoutSite > 0) lines.push(`left alone     ${withoutSite} of cameras that the configuration does not name`);
  lines.push(`changed        ${changed} with the same verdict and other figures`, `flipped        ${flips.length}`);
  for (const flip of flips) lines.push(...describeFlip(flip));
  lines.push(
    isApplied
      ? 'The new judgements are stored, the old ones are in pass_rejudgements.'
      : 'Nothing was written. Repeat with --apply to keep the new judgements.',
  );
  return `${lines.join('\n')}\n`;
}

function describeFlip({ old, new: now }: Flip): string[] {
  const what = `${old.camera} #${old.track_id} ${old.vehicle}`;
  return [
    `  ${moment(old.entered_utc)}  ${what}  ${old.verdict} → ${now.verdict}`,
    `    was: ${old.reason}`,
    `    now: ${now.reason}`,
    `    stopped ${seconds(old.stopped_s)} → ${seconds(now.stopped_s)}, slowest ${speed(old)} → ${speed(now)}`,
  ];
}

export function rejudgingJson(result: RejudgingResult): object {
  const { question, configVersions, isApplied, passes, judged, withoutEvidence, withoutSite, changed, flips } = result;
  const { suspended } = result;
  return {
    since_utc: question.sinceUtc,
    until_utc: question.untilUtc ?? null,
    camera: question.camera ?? null,
    config_versions: configVersions,
    applied: isApplied,
    passes,
    judged,
    without_evidence: withoutEvidence,
    suspended,
    without_site: withoutSite,
    changed,
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

function figures(pass: PassEvent): object {
  const { verdict, reason, forced, encroached, complete, stopped_s, min_speed, stop_distance_m, config_version } = pass;
  return { verdict, reason, forced, encroached, complete, stopped_s, min_speed, stop_distance_m, config_version };
}

function moment(utc: number): string {
  return `${new Date(utc * 1000).toISOString().slice(0, 19)}Z`;
}

function seconds(interval: Interval | null): string {
  return interval ? `${range(interval, 2)} s` : 'unknown';
}

function speed({ min_speed: slowest }: PassEvent): string {
  return slowest ? `${range(slowest, 1)} ${slowest.unit}` : 'unknown';
}

function range({ value, lo, hi }: Interval, digits: number): string {
  return `${value.toFixed(digits)} (${lo.toFixed(digits)} to ${hi.toFixed(digits)})`;
}
