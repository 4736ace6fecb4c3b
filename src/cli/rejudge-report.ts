/** What `stopsign rejudge` says to people: what is different, what becomes of scores and verdicts, which flip and why. */
import type { ShareOfStops } from '../domain/score/site-score.ts';
import type { Interval, PassEvent, Verdict } from '../domain/types.ts';
import type { Flip, LargestShifts } from './rejudge-tally.ts';
import type { RejudgedCamera, RejudgingResult } from './rejudging-result.ts';
import type { SiteDifference } from './site-differences.ts';

const VERDICTS = ['full_stop', 'rolling_stop', 'no_stop', 'indeterminate'] as const satisfies readonly Verdict[];
/** Nobody reads more at a time; JSON has all of them. */
const FLIPS_SHOWN = 20;
const DIFFERENCES_SHOWN = 12;
const LABEL = 15;

export function describeRejudging(result: RejudgingResult): string {
  const { passes, tally, cameras, isApplied, question } = result;
  const { judged, withoutEvidence, suspended, withoutSite, changed, flips } = tally;
  const until = question.untilUtc === undefined ? '' : ` until ${moment(question.untilUtc)}`;
  const lines = [labelled('passes', `${passes} since ${moment(question.sinceUtc)}${until}, ${judged} judged again`)];
  const leftAlone = (n: number, why: string) => n > 0 && lines.push(labelled('left alone', `${n} ${why}`));
  leftAlone(withoutEvidence, 'stored without what they were judged on');
  leftAlone(suspended, "withheld because the camera's view could not be trusted");
  leftAlone(withoutSite, 'of cameras that the configuration does not name');
  for (const camera of cameras) if (camera.configVersion !== null) lines.push(...describeCamera(camera));
  if (judged > 0) lines.push('', ...verdictTable(tally.verdicts));
  lines.push('', labelled('changed', `${changed} with the same verdict and other figures${shiftWords(tally.shifts)}`));
  lines.push(labelled('flipped', String(flips.length)));
  for (const [what, alike] of byKind(flips)) lines.push('', `${what}: ${alike.length}`, ...describeFlips(alike));
  lines.push('', isApplied ? describeKept(cameras) : NOT_WRITTEN);
  return `${lines.join('\n')}\n`;
}

const NOT_WRITTEN = 'Nothing was written. Repeat with --apply to keep the new judgements.';

function describeCamera({ name, configVersion, from, differences, before, after }: RejudgedCamera): string[] {
  const olds = Object.entries(from).map(([version, n]) => `${n} under ${version}`);
  return [
    '',
    labelled('camera', `${name}, now under ${configVersion}; judged before: ${olds.join(', ')}`),
    ...describeDifferences(differences),
    labelled('  score', `${share(before.judged)} → ${share(after.judged)}`),
    labelled('  voluntary', `${share(before.voluntary)} → ${share(after.voluntary)}`),
  ];
}

function describeDifferences(differences: readonly SiteDifference[] | null): string[] {
  if (!differences) return [labelled('  different', 'not known: the site it was judged under before is not stored')];
  if (differences.length === 0) return [labelled('  different', 'nothing in the configuration')];
  const lines = differences.slice(0, DIFFERENCES_SHOWN).map(({ key, old, new: now }, i) => {
    return labelled(i === 0 ? '  different' : '', `${key}: ${plain(old)} → ${plain(now)}`);
  });
  const more = differences.length - lines.length;
  return more > 0 ? [...lines, labelled('', `and ${more} more`)] : lines;
}

/** Rows: what they were; columns: what they are now. */
function verdictTable(verdicts: RejudgingResult['tally']['verdicts']): string[] {
  const widths = VERDICTS.map((verdict) => words(verdict).length + 3);
  const head = VERDICTS.map((verdict, i) => words(verdict).padStart(widths[i] as number)).join('');
  const rows = VERDICTS.filter((old) => verdicts.has(old)).map((old) => {
    const counts = VERDICTS.map((now, i) => String(verdicts.get(old)?.get(now) ?? '·').padStart(widths[i] as number));
    return `${`was ${words(old)}`.padEnd(LABEL + 3)}${counts.join('')}`;
  });
  return [`${'now'.padStart(LABEL + 3)}${head}`, ...rows];
}

function shiftWords({ stoppedS, minSpeed, stopDistanceM }: LargestShifts): string {
  const shifts = [
    stoppedS !== null && `standing by up to ${stoppedS.toFixed(2)} s`,
    minSpeed !== null && `slowest by up to ${minSpeed.value.toFixed(1)} ${minSpeed.unit}`,
    stopDistanceM !== null && `distance by up to ${stopDistanceM.toFixed(2)} m`,
  ].filter((shift) => shift !== false);
  return shifts.length > 0 ? `: ${shifts.join(', ')}` : '';
}

function byKind(flips: readonly Flip[]): ReadonlyMap<string, readonly Flip[]> {
  const kinds = new Map<string, Flip[]>();
  for (const flip of flips) {
    const what = `${words(flip.old.verdict)} → ${words(flip.new.verdict)}`;
    const alike = kinds.get(what) ?? [];
    alike.push(flip);
    kinds.set(what, alike);
  }
  return kinds;
}

function describeFlips(flips: readonly Flip[]): string[] {
  const lines = flips.slice(0, FLIPS_SHOWN).flatMap(describeFlip);
  const more = flips.length - FLIPS_SHOWN;
  return more > 0 ? [...lines, `  … and ${more} more; --json lists all of them`] : lines;
}

function describeFlip({ old, new: now }: Flip): string[] {
  const lines = [
    `  ${moment(old.entered_utc)}  ${old.camera} #${old.track_id} ${old.vehicle}`,
    `    was: ${old.reason}`,
    `    now: ${now.reason}`,
  ];
  const moved = [
    figure('stood', old.stopped_s, now.stopped_s, 2, 's'),
    figure('slowest', old.min_speed, now.min_speed, 1, now.min_speed?.unit ?? old.min_speed?.unit ?? ''),
    figure('from the line', old.stop_distance_m, now.stop_distance_m, 2, 'm'),
  ].filter((text) => text !== null);
  return moved.length > 0 ? [...lines, `    measured anew: ${moved.join('; ')}`] : lines;
}

/** null when it reads the same before and after. */
function figure(name: string, old: Interval | null, now: Interval | null, digits: number, unit: string): string | null {
  const [left, right] = [old, now].map((value) => (value ? range(value, digits) : 'unknown'));
  return left === right ? null : `${name} ${left} → ${right} ${unit}`;
}

function describeKept(cameras: readonly RejudgedCamera[]): string {
  const runs = cameras.filter(({ rejudgement }) => rejudgement !== null);
  if (runs.length === 0) return 'There was nothing to store: every pass is as it was.';
  const numbers = runs.map(({ name, rejudgement }) => `${rejudgement} (${name})`).join(', ');
  return `Stored as rejudgement ${numbers}; the old judgements are kept in pass_rejudgements.`;
}

function share({ n, score }: ShareOfStops): string {
  return score === null ? 'none (n = 0)' : `${score} of 100 (n = ${n})`;
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(LABEL)}${text}`;
}

function words(verdict: Verdict): string {
  return verdict.replace('_', ' ');
}

function plain(value: unknown): string {
  return value === undefined ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value);
}

function moment(utc: PassEvent['entered_utc']): string {
  return `${new Date(utc * 1000).toISOString().slice(0, 19)}Z`;
}

function range({ value, lo, hi }: Interval, digits: number): string {
  return `${value.toFixed(digits)} (${lo.toFixed(digits)} to ${hi.toFixed(digits)})`;
}
