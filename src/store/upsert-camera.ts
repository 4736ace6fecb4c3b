/** Writes down a camera and its site as configured. Called by the fact store when it has reached the database. */
import type postgres from 'postgres';
import type { Site } from '../domain/types.ts';
import type { Store } from './open-store.ts';

export interface CameraEntry {
  readonly name: string;
  readonly site: Site;
}

export async function upsertCamera(store: Store, { name, site }: CameraEntry): Promise<void> {
  await store.ask(
    (sql) => sql`
      insert into cameras (name, site, first_seen_at, last_seen_at)
      values (${name}, ${sql.json(site as unknown as postgres.JSONValue)}, now(), now())
      on conflict (name) do update set site = excluded.site`,
  );
}
