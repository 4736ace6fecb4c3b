/** From measured quantities to a verdict and its reason in words. The policy is data; the order of the rules is the law. */
import type { Interval, SpeedUnit, StopPolicy, Verdict } from '../types.ts';

export interface Evidence {
  readonly policy: StopPolicy;
  readonly unit: SpeedUnit;
  /** Without a calibration speeds are guessed from the size of the boxes: they decide, but are not printed. */
  readonly isCalibrated: boolean;
  readonly hasStood: boolean;
  /** So long it was seen to stand, not only fitted to; infinite where samples lie close together. */
  readonly watchedS: number;
  readonly stoppedS: Interval;
  /** Probability that it stood for min_stop_s at least. */
  readonly isLongEnough: number;
  /** In `unit`. */
  readonly minSpeed: Interval | null;
  /** Probability that it was slower than rolling_below. */
  readonly isSlowEnough: number;
  /** In `unit`: what it may have slowed to between two samples far apart, braking hard; null when none are. */
  readonly unseenSpeed: number | null;
  /** Seconds stood behind another vehicle, which do not count. */
  readonly queuedS: number;
  readonly seenS: number;
  readonly samples: number;
  /** Longest time without a sample. */
  readonly hiddenS: number;
  readonly hasCrossed: boolean;
  readonly ending: 'crossed' | 'left' | 'lost' | 'input_ended';
}

export interface Decision {
  readonly verdict: Verdict;
  readonly reason: string;
}

const MIN_SEEN_S = 0.4;
const MIN_SAMPLES = 5;
const MAX_HIDDEN_S = 1;
/** An interval that reaches over a limit still decides by its middle while it is this narrow. */
const NARROW_S = 0.2;
/** An interval may reach over the limit with so little of its probability and still decide. */
const DOUBT = 0.1;
const NARROW_SPEED: Readonly<Record<SpeedUnit, number>> = { 'km/h': 1.2, mph: 0.75 };

export function decide(e: Evidence): Decision {
  const judged = judge(e);
  const isGuess = judged.verdict === 'full_stop' && e.watchedS < e.policy.min_stop_s;
  const { verdict, reason } = isGuess ? tooRarely(e) : judged;
  const parts = [reason];
  if (e.queuedS > 0) parts.unshift(`stood ${e.queuedS.toFixed(2)} s behind another vehicle`);
  if (!e.isCalibrated) parts.push('uncalibrated');
  return { verdict, reason: parts.join(', ') };
}

function tooRarely({ hiddenS }: Evidence): Decision {
  return { verdict: 'indeterminate', reason: `seen too rarely: not for ${hiddenS.toFixed(1)} s` };
}

function judge(e: Evidence): Decision {
  const { policy, stoppedS, minSpeed } = e;
  const stood = `stood ${stoppedS.value.toFixed(2)} s`;
  if (e.hasStood && stoppedS.lo >= policy.min_stop_s) return { verdict: 'full_stop', reason: stood };
  if (!e.hasCrossed) {
    const how = { crossed: 'lost', left: 'left the zone', lost: 'lost', input_ended: 'the recording ended' }[e.ending];
    return { verdict: 'indeterminate', reason: `${how} before the line` };
  }
  if (e.seenS < MIN_SEEN_S || e.samples < MIN_SAMPLES) {
    return { verdict: 'indeterminate', reason: `seen for only ${e.seenS.toFixed(1)} s` };
  }
  if (e.hiddenS > MAX_HIDDEN_S) return { verdict: 'indeterminate', reason: `hidden for ${e.hiddenS.toFixed(1)} s` };
  if (e.hasStood) {
    const limit = `${policy.min_stop_s.toFixed(2)} s`;
    const range = `${stood} (${stoppedS.lo.toFixed(2)} to ${stoppedS.hi.toFixed(2)})`;
    if (e.isLongEnough >= 1 - DOUBT) return { verdict: 'full_stop', reason: range };
    const isNarrow = stoppedS.hi - stoppedS.lo <= 2 * NARROW_S;
    if (e.isLongEnough <= DOUBT || (isNarrow && stoppedS.value < policy.min_stop_s)) {
      return { verdict: 'rolling_stop', reason: `${range}, less than ${limit}` };
    }
    if (isNarrow) return { verdict: 'full_stop', reason: range };
    return { verdict: 'indeterminate', reason: `${range}: too uncertain against ${limit}` };
  }
  if (!minSpeed) return { verdict: 'indeterminate', reason: 'its speed could not be measured' };
  const limit = policy.rolling_below;
  const isWide = (minSpeed.hi - minSpeed.lo) / 2 > NARROW_SPEED[e.unit];
  const say = (speed: number) => (e.isCalibrated ? `${speed.toFixed(1)} ${e.unit}` : 'the limit');
  const isOpen = e.isSlowEnough > DOUBT && e.isSlowEnough < 1 - DOUBT;
  if (isWide && isOpen && minSpeed.lo < limit && minSpeed.hi > limit) {
    const range = e.isCalibrated ? ` (${minSpeed.lo.toFixed(1)} to ${minSpeed.hi.toFixed(1)} ${e.unit})` : '';
    return { verdict: 'indeterminate', reason: `its slowest speed is too uncertain${range}` };
  }
  // Nobody is said to have rolled who may have stood between two looks, nor to have driven who may have rolled.
  const { unseenSpeed } = e;
  if (unseenSpeed !== null && unseenSpeed < (minSpeed.value < limit ? policy.stop_speed : limit)) {
    return tooRarely(e);
  }
  if (minSpeed.value < limit) {
    return {
      verdict: 'rolling_stop',
      reason: e.isCalibrated ? `slowest ${say(minSpeed.value)}` : 'slow, but never stood',
    };
  }
  return { verdict: 'no_stop', reason: `never slower than ${say(minSpeed.value)}` };
}
