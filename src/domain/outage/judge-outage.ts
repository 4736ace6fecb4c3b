/**
 * What a judgement may still say when the vehicle's way lies partly in an outage. What was not seen may hold a stop, so
 * only a full stop that was seen stays a verdict; the pass is incomplete and its reason names the gap. A vehicle that
 * was seen so little that nothing can be measured still is a pass. Pure; called by site-analyzer.ts when a pass ends and by
 * rejudge-pass.ts for stored ones.
 */
import { judgePass, type PassJudgement, type PassToJudge } from '../stop/judge-pass.ts';
import { isFrontInZone } from '../stop/pass-gate.ts';
import type { Sample } from '../stop/sample.ts';
import type { PassSample } from '../types.ts';
import { AT_EDGE_S, type Outage } from './outage-watch.ts';
import { metresPerUnit, speedAlong, zoneBegin } from './road-place.ts';

/** A gap inside the way no longer than this is judged as any other hole in a track (verdict.ts). */
const BRIDGED_S = 1;
const SAME_PLACE_M = 0.5;
/** The judge's first sample may be a little after the first. */
const BIRTH_S = 0.3;
const EVIDENCE_S = 2;

export interface PassOverOutages extends PassToJudge {
  /** Around the vehicle's life; mostly none. */
  readonly outages: readonly Outage[];
}

/** null when it was no pass. */
export function judgeOverOutages(pass: PassOverOutages): PassJudgement | null {
  const { samples, outages } = pass;
  const judged = judgePass(pass);
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || outages.length === 0) return judged;
  const isHiding = (outage: Outage) => hides(pass, judged, outage);
  const hiding = outages.filter(isHiding);
  if (hiding.length === 0) return judged;
  const longest = hiding.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a));
  const words = gapWords(longest, pass.site.timezone, first.tsUtc, last.tsUtc);
  if (!judged) return unmeasured(pass, longest, words);
  const unseenS = hiding.reduce((sum, outage) => sum + lengthOf(outage), 0);
  const stop = seenStop(pass, hiding);
  const about = { complete: false, minSpeed: judged.minSpeed && { ...judged.minSpeed, lo: 0 } };
  if (stop?.stoppedS) {
    const stoppedS = { ...stop.stoppedS, hi: stop.stoppedS.hi + unseenS };
    return { ...judged, ...about, verdict: 'full_stop', reason: `${stop.reason}, ${words}`, stoppedS };
  }
  const stoppedS = judged.stoppedS && { ...judged.stoppedS, lo: 0, hi: judged.stoppedS.hi + unseenS };
  return { ...judged, ...about, verdict: 'indeterminate', reason: words, stoppedS };
}

/** A full stop in one of the pieces between the outages; what lies in them proves nothing. */
function seenStop(pass: PassOverOutages, hiding: readonly Outage[]): PassJudgement | null {
  const edges = [Number.NEGATIVE_INFINITY, ...hiding.flatMap(({ fromUtc, toUtc }) => [fromUtc, toUtc])];
  let best: PassJudgement | null = null;
  for (let i = 0; i < edges.length; i += 2) {
    const [from, to] = [edges[i] as number, edges[i + 1] ?? Number.POSITIVE_INFINITY];
    const samples = pass.samples.filter(({ tsUtc }) => tsUtc >= from && tsUtc <= to);
    const piece = samples.length > 0 ? judgePass({ ...pass, samples }) : null;
    const lo = piece?.verdict === 'full_stop' ? (piece.stoppedS?.lo ?? 0) : 0;
    if (lo >= Math.max(pass.site.policy.min_stop_s, best?.stoppedS?.lo ?? 0)) best = piece;
  }
  return best;
}

function lengthOf({ fromUtc, toUtc }: Outage): number {
  return toUtc - fromUtc;
}

/** Whether some of the way that is judged may lie in the outage. */
function hides({ samples, ending, geometry }: PassToJudge, judged: PassJudgement | null, outage: Outage): boolean {
  const { fromUtc, toUtc } = outage;
  const [first, last] = [samples[0] as Sample, samples.at(-1) as Sample];
  if (last.tsUtc <= fromUtc) return ending !== 'crossed' && fromUtc - last.tsUtc <= AT_EDGE_S;
  if (first.tsUtc >= toUtc) {
    if (first.tsUtc - toUtc > AT_EDGE_S) return false;
    return !judged || (!judged.complete && judged.enteredUtc - first.tsUtc <= BIRTH_S);
  }
  if (!judged) return true;
  if (toUtc <= judged.enteredUtc || fromUtc >= judged.exitedUtc) return false;
  if (lengthOf(outage) <= BRIDGED_S) return false;
  const before = samples.findLast(({ tsUtc }) => tsUtc <= fromUtc);
  const after = samples.find(({ tsUtc }) => tsUtc >= toUtc);
  if (before?.along == null || after?.along == null) return true;
  // It stands where it stood.
  const hasStopped = judged.verdict === 'full_stop';
  return !hasStopped || Math.abs(after.along - before.along) * metresPerUnit(geometry, after) > SAME_PLACE_M;
}

/** Nothing of the way in the zone was seen well enough: only that there was a pass, and about when. */
function unmeasured(pass: PassToJudge, outage: Outage, reason: string): PassJudgement {
  const { geometry, samples } = pass;
  const inside = samples.filter((sample) => isFrontInZone(geometry, sample));
  const enteredUtc = inside[0]?.tsUtc ?? guessedEntry(pass, outage);
  const lastUtc = (samples.at(-1) as Sample).tsUtc;
  const near = samples.filter(
    ({ tsUtc }) => tsUtc >= outage.fromUtc - EVIDENCE_S && tsUtc <= Math.max(outage.toUtc, lastUtc),
  );
  return {
    enteredUtc,
    exitedUtc: Math.max(enteredUtc, lastUtc <= outage.fromUtc ? outage.toUtc : lastUtc),
    verdict: 'indeterminate',
    reason,
    forced: false,
    encroached: false,
    complete: false,
    stoppedS: null,
    minSpeed: null,
    minSpeedUtc: null,
    approachSpeed: null,
    stopDistanceM: null,
    decelerationMps2: null,
    timeInZoneS: 0,
    samples: near.map(({ tsUtc, box }): PassSample => ({ ts_utc: tsUtc, bbox: box, ground: null, speed: null })),
  };
}

/** As if it had gone on as it was seen to drive, within the outage. */
function guessedEntry({ geometry, samples }: PassToJudge, { fromUtc, toUtc }: Outage): number {
  const before = samples.findLast(({ tsUtc, along }) => tsUtc <= fromUtc && along !== null);
  const known = before ?? samples.find(({ along }) => along !== null);
  if (!known) return fromUtc;
  const side = samples.filter(({ tsUtc }) => (before ? tsUtc <= fromUtc : tsUtc >= toUtc));
  const speed = Math.max(1, speedAlong(geometry, side, before ? 'last' : 'first') ?? 1);
  const way = (zoneBegin(geometry) - (known.along as number)) * metresPerUnit(geometry, known);
  return Math.min(toUtc, Math.max(fromUtc, known.tsUtc + way / speed));
}

function gapWords(outage: Outage, timezone: string, firstUtc: number, lastUtc: number): string {
  const { fromUtc, toUtc } = outage;
  const gap = `not seen for ${lengthOf(outage).toFixed(1)} s between ${clock(fromUtc, timezone)} and ${clock(toUtc, timezone)}`;
  if (lastUtc <= fromUtc) return `${gap}, nor after`;
  return firstUtc >= toUtc ? `${gap}, nor before` : gap;
}

function clock(utc: number, timeZone: string): string {
  const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 1 } as const;
  return new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...parts }).format(new Date(utc * 1000));
}
