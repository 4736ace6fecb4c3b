/** How well the overlay keeps up: over the last displayed frames, how each was matched. Pure; fed by overlay.ts. */
import { percentile } from './percentile.ts';
import type { Match, MatchKind, Tier } from './sync.ts';

export const SHARE_WINDOW = 300;
/** The tier shown is that of the last second or so, so that the label does not flicker. */
const TIER_WINDOW = 30;
const TIERS: readonly Tier[] = [1, 2, 3, 4, 5];

export class SyncScore {
  private readonly seen: Pick<Match, 'kind' | 'tier' | 'residualMs'>[] = [];

  add({ kind, tier, residualMs }: Match): void {
    this.seen.push({ kind, tier, residualMs });
    if (this.seen.length > SHARE_WINDOW) this.seen.shift();
  }

  /** A new player session: what was shown before says nothing about it. */
  reset(): void {
    this.seen.length = 0;
  }

  /** Share of the last 300 displayed frames whose own metadata was drawn, by their own timestamp, 0 … 1. */
  get exactShare(): number {
    return this.share(['exact']);
  }
  /** The same, counting frames matched by their moment and those placed between two analysed neighbours. */
  get syncedShare(): number {
    return this.share(['exact', 'near', 'between']);
  }
  /** Share whose boxes were carried on by their motion. */
  get aheadShare(): number {
    return this.share(['ahead']);
  }

  /** The one that most of the last second's frames were matched on. */
  get tier(): Tier {
    const recent = this.seen.slice(-TIER_WINDOW);
    const counts = TIERS.map((tier) => recent.filter((match) => match.tier === tier).length);
    return recent.length === 0 ? 5 : (TIERS[counts.indexOf(Math.max(...counts))] ?? 5);
  }

  /** Between the moments of frame and metadata, ms; null before the first frame of known time. */
  residualMs(share: number): number | null {
    return percentile(
      this.seen.flatMap(({ residualMs }) => residualMs ?? []),
      share,
    );
  }

  private share(kinds: readonly MatchKind[]): number {
    const { seen } = this;
    return seen.length === 0 ? 0 : seen.filter(({ kind }) => kinds.includes(kind)).length / seen.length;
  }
}
