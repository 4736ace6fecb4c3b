/** One pass with the evidence it was judged on. Asked by the gateway. */
import type { PassEvent, PassSample } from '../domain/types.ts';
import type { PassDetail } from '../rpc/api/types.ts';
import type { Store } from './open-store.ts';

export function passById(store: Store, id: string): Promise<PassDetail | null> {
  return store.ask(async (sql) => {
    const [row] = await sql<{ body: PassEvent; samples: PassSample[] | null }[]>`
      select body, samples from passes where id = ${id}`;
    return row ? { pass: row.body, samples: row.samples ?? [] } : null;
  });
}
