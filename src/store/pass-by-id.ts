/** One pass with its evidence. Asked by the gateway. */
import type { PassEvent, PassSample } from '../domain/types.ts';
import type { Store } from './open-store.ts';

export interface StoredPass {
  readonly event: PassEvent;
  /** The smoothed trajectory; empty when none was kept. */
  readonly samples: readonly PassSample[];
}

export function passById(store: Store, id: string): Promise<StoredPass | null> {
  return store.ask(async (sql) => {
    const [row] = await sql<{ body: PassEvent; samples: PassSample[] | null }[]>`
      select body, samples from passes where id = ${id}`;
    return row ? { event: row.body, samples: row.samples ?? [] } : null;
  });
}
