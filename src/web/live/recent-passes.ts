/** The newest passes and the tally of one camera: asked once, then kept up by the live events. */
import { type Accessor, createSignal } from 'solid-js';
import type { PassEvent } from '../../domain/types.ts';
import type { PassStats } from '../../rpc/api/types.ts';
import { mergePasses } from './merge-passes.ts';
import { createPolled, type Problem } from './polling.ts';
import { api } from './trpc.ts';

const SHOWN = 40;

export interface RecentPasses {
  /** Newest first; undefined until the first answer. */
  readonly passes: Accessor<readonly PassEvent[] | undefined>;
  readonly problem: Accessor<Problem | null>;
  readonly stats: Accessor<PassStats | undefined>;
  /** The last one that happened while the page was open, to be announced. */
  readonly announced: Accessor<PassEvent | null>;
  add(pass: PassEvent): void;
  refresh(): void;
}

export function createRecentPasses(camera: string): RecentPasses {
  const [live, setLive] = createSignal<readonly PassEvent[]>([]);
  const [announced, setAnnounced] = createSignal<PassEvent | null>(null);
  const stored = createPolled(() => api.passes.recent.query({ camera, limit: SHOWN }), 60_000);
  const stats = createPolled(() => api.passes.stats.query({ camera }), 60_000);
  const passes = () => {
    const known = stored.value();
    if (known === undefined && live().length === 0) return undefined;
    return mergePasses(live(), known ?? []).slice(0, SHOWN);
  };
  return {
    passes,
    problem: stored.problem,
    stats: stats.value,
    announced,
    add(pass) {
      setLive((before) => mergePasses([pass], before).slice(0, SHOWN));
      setAnnounced(pass);
      // The database hears of it a moment after the page does.
      setTimeout(stats.refresh, 1_500);
    },
    refresh() {
      stored.refresh();
      stats.refresh();
    },
  };
}
