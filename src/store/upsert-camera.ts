/** Writes down a camera and its site as configured. Called at start by whoever knows the configuration. */
import type postgres from 'postgres';
import type { Site } from '../domain/types.ts';
import type { Store } from './open-store.ts';

export interface CameraEntry {
  readonly name: string;
  readonly site: Site;
  /** UTC seconds: when it is seen for the first time if it is new. */
  readonly seenUtc: number;
}

export async function upsertCamera(store: Store, { name, site, seenUtc }: CameraEntry): Promise<void> {
  await store.ask(
    (sql) => sql`
      insert into cameras (name, site, first_seen_at, last_seen_at)
      values (
        ${name}, ${sql.json(site as unknown as postgres.JSONValue)},
        to_timestamp(${seenUtc}::float8), to_timestamp(${seenUtc}::float8)
      )
      on conflict (name) do update set site = excluded.site`,
  );
}
