/** Per-second rates from two status snapshots, smoothed so that the figures can be read. Pure. */
import type { SystemStatus } from '../../rpc/api/types.ts';

export interface ActorRates {
  readonly in: number;
  readonly out: number;
  readonly dropped: number;
  readonly skipped: number;
}

const COUNTERS = ['in', 'out', 'dropped', 'skipped'] as const;
/** Weight of the newest second. */
const NEWEST = 0.4;

export function ratesBetween(
  before: SystemStatus | null,
  now: SystemStatus,
  smoothed: ReadonlyMap<string, ActorRates>,
): Map<string, ActorRates> {
  const rates = new Map<string, ActorRates>();
  const seconds = before ? now.tsUtc - before.tsUtc : 0;
  for (const actor of now.actors) {
    const old = before?.actors.find(({ name }) => name === actor.name);
    // A new generation counts from where it likes: its first second says nothing.
    if (!old || seconds <= 0 || old.generation !== actor.generation) continue;
    const last = smoothed.get(actor.name);
    const rate = (counter: (typeof COUNTERS)[number]) => {
      const fresh = Math.max(0, (actor[counter] - old[counter]) / seconds);
      return last ? last[counter] + (fresh - last[counter]) * NEWEST : fresh;
    };
    rates.set(actor.name, { in: rate('in'), out: rate('out'), dropped: rate('dropped'), skipped: rate('skipped') });
  }
  return rates;
}
