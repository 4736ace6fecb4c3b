/**
 * What an exact judge would say of a scenario: the passes with verdict and quantities, by the rules of the policy (see
 * docs/sim.md) applied to the kinematics themselves. Pure; goes into the truth file and is what `sim score` compares with.
 */
import type { Verdict } from '../domain/types.ts';
import { bodySize } from './body-shape.ts';
import type { Profile } from './kinematics/profile.ts';
import { LANE_WIDTH_M } from './lanes.ts';
import type { MovingBody } from './moving-body.ts';
import type { Scenario } from './scenario.ts';
import { bodiesOf } from './world.ts';

/** Times are seconds of the scenario, speeds in the site's units, distances metres. */
export interface ExpectedPass {
  readonly id: string;
  readonly vehicle: string;
  /** The front reaches the zone. */
  readonly entered_s: number;
  /** The front reaches the line. */
  readonly crossed_s: number;
  /** The whole vehicle is over the line. */
  readonly exited_s: number;
  readonly verdict: Verdict;
  /** Stood behind a standing vehicle. */
  readonly forced: boolean;
  /** Its last stand was with the front beyond the line. */
  readonly encroached: boolean;
  /** From before the zone to after the line inside the clip. */
  readonly complete: boolean;
  /** Standing at the line, a queue before it left out. */
  readonly stopped_s: number;
  readonly queued_s: number;
  readonly min_speed: number;
  readonly min_speed_s: number;
  /** Where the front enters the zone. */
  readonly approach_speed: number;
  /** Front to line at the last stand, negative beyond the line; null when it never stood at the line. */
  readonly stop_distance_m: number | null;
}

/** Nearer to the line than this, a stand is a stand at the line whoever is in front. */
const AT_LINE_M = 3;
/** A vehicle in front counts up to this gap. */
const LEAD_GAP_M = 8;
/** It is still before the line when its rear is further than this from it. */
const REAR_BEFORE_LINE_M = 0.5;
const PER_MPS = { 'km/h': 3.6, mph: 2.2369362920544 } as const;
const VEHICLES: readonly string[] = ['car', 'truck', 'bus', 'motorcycle'];

/** In order of entry. A looping scenario's passes are told once, entered between 0 and its duration. */
export function expectedPasses(scenario: Scenario): ExpectedPass[] {
  const bodies = bodiesOf(scenario);
  return bodies
    .map((body) => expectedPass(scenario, body, bodies))
    .filter((pass): pass is ExpectedPass => pass !== null)
    .sort((a, b) => a.entered_s - b.entered_s);
}

function expectedPass(scenario: Scenario, body: MovingBody, all: readonly MovingBody[]): ExpectedPass | null {
  const { spec, profile } = body;
  const vehicle = body.at(Math.max(body.fromS, 0))?.vehicle ?? null;
  if (!profile || vehicle === null || !VEHICLES.includes(vehicle)) return null;
  if (!isOnJudgedLane(spec)) return null;
  const { lengthM } = bodySize(spec.body);
  const { site, durationS, loop } = scenario;
  const entered = profile.timeAt(-site.zoneM);
  const crossed = profile.timeAt(0);
  const exited = profile.timeAt(lengthM);
  if (entered === null || crossed === null || exited === null || exited > body.toS) return null;
  if (!loop && (entered >= durationS || exited <= 0)) return null;

  const stands = standsOf(profile, entered, exited).map((stand) => ({ ...stand, ...leadDuring(stand, body, all) }));
  const queued = stands.filter((stand) => stand.at < -AT_LINE_M && stand.isLeadBeforeLine);
  const atLine = stands.filter((stand) => !queued.includes(stand));
  const stopped = sum(atLine.map(duration));
  const judgedFrom =
    queued.length === 0 ? entered : Math.max(...queued.map((stand) => stand.to), profile.timeAt(-AT_LINE_M) ?? entered);
  const slowest = profile.slowest(judgedFrom, exited);
  const unit = PER_MPS[site.units];
  const minSpeed = atLine.length > 0 ? 0 : slowest.v * unit;
  const last = atLine.at(-1);
  const longest = atLine.reduce<Stand | null>((best, s) => (best && duration(best) >= duration(s) ? best : s), null);
  const lap = loop ? Math.floor(entered / durationS) * durationS : 0;
  return {
    id: spec.id,
    vehicle,
    entered_s: entered - lap,
    crossed_s: crossed - lap,
    exited_s: exited - lap,
    verdict: verdict(stopped, atLine.length > 0, minSpeed, site.policy),
    forced: stands.some((stand) => stand.isLeadStanding),
    encroached: last !== undefined && last.at > 0,
    complete: loop || (entered > EDGE_S && exited < durationS - EDGE_S),
    stopped_s: stopped,
    queued_s: sum(queued.map(duration)),
    min_speed: minSpeed,
    min_speed_s: (longest ? (longest.from + longest.to) / 2 : slowest.t) - lap,
    approach_speed: profile.at(entered).v * unit,
    stop_distance_m: last ? -last.at : null,
  };
}

/** A pass nearer than this to the clip's begin or end is not told from an incomplete one. */
const EDGE_S = 0.5;

function isOnJudgedLane(spec: MovingBody['spec']): boolean {
  if (spec.does === 'park_and_leave') return spec.lane === 'judged';
  return spec.does === 'drive' && spec.lane === 'judged' && Math.abs(spec.offsetM) <= LANE_WIDTH_M / 2;
}

function verdict(stopped: number, hasStood: boolean, minSpeed: number, policy: Scenario['site']['policy']): Verdict {
  if (hasStood && stopped >= policy.min_stop_s - 1e-9) return 'full_stop';
  return hasStood || minSpeed < policy.rolling_below ? 'rolling_stop' : 'no_stop';
}

interface Stand {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** Where the speed is exactly 0 for some time. */
function standsOf(profile: Profile, from: number, to: number): Stand[] {
  const times = [from, ...profile.knotTimes.filter((t) => t > from && t < to), to];
  const stands: Stand[] = [];
  for (let i = 1; i < times.length; i++) {
    const [begin, end] = [times[i - 1] as number, times[i] as number];
    const middle = profile.at((begin + end) / 2);
    if (middle.v === 0 && end - begin > 1e-6) stands.push({ from: begin, to: end, at: middle.s });
  }
  return stands;
}

/** Whether, for at least half of the stand, the vehicle in front had the line still before it, or stood itself. */
function leadDuring(stand: Stand, self: MovingBody, all: readonly MovingBody[]) {
  const moments = 100;
  let beforeLine = 0;
  let standing = 0;
  for (let i = 0; i < moments; i++) {
    const t = stand.from + ((i + 0.5) / moments) * (stand.to - stand.from);
    const me = self.at(t);
    let nearest = LEAD_GAP_M;
    let lead: { rear: number; v: number } | null = null;
    for (const other of all) {
      if (other === self || !isOnJudgedLane(other.spec)) continue;
      const state = other.at(t);
      if (!state || !me || Math.abs(state.center[1] - me.center[1]) > 1.5) continue;
      const rear = state.front - state.lengthM;
      const gap = rear - stand.at;
      if (gap < 0 || gap > nearest) continue;
      nearest = gap;
      lead = { rear, v: state.speedMps };
    }
    if (lead && lead.rear < -REAR_BEFORE_LINE_M) beforeLine++;
    if (lead?.v === 0) standing++;
  }
  return { isLeadBeforeLine: beforeLine >= moments / 2, isLeadStanding: standing >= moments / 2 };
}

function duration(stand: Stand): number {
  return stand.to - stand.from;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
