/** What counts as a stop, ready made. Pure data; called by the configuration (config/site.ts). */
import type { SpeedUnit, StopPolicy } from '../types.ts';

export const POLICY_PRESETS = ['standard', 'strict', 'predecessor'] as const;
export type PolicyPreset = (typeof POLICY_PRESETS)[number];

const KMH: Readonly<Record<PolicyPreset, StopPolicy>> = {
  /** Wheels at rest for half a second, whatever the traffic law's handbook adds. */
  standard: { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 },
  /** The three seconds that driving schools teach. */
  strict: { stop_speed: 1.5, min_stop_s: 3, rolling_below: 8, confidence: 0.95 },
  /** The predecessor asked for 1.2 s; its rules in pixels and time in the zone are `stopsign score --legacy`. */
  predecessor: { stop_speed: 1.5, min_stop_s: 1.2, rolling_below: 8, confidence: 0.95 },
};

/** A preset in the site's units; in mph 1 for 1.5 km/h and 5 for 8 km/h. */
export function policyPreset(preset: PolicyPreset, units: SpeedUnit): StopPolicy {
  const policy = KMH[preset];
  return units === 'km/h' ? policy : { ...policy, stop_speed: 1, rolling_below: 5 };
}
