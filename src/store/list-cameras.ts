/** Every camera that was ever configured or seen. Asked by the gateway. */
import type { Site } from '../domain/types.ts';
import type { Store } from './open-store.ts';

export interface StoredCamera {
  readonly name: string;
  /** null until somebody configured it here */
  readonly site: Site | null;
  readonly firstSeenUtc: number;
  readonly lastSeenUtc: number;
}

/** By name. */
export function listCameras(store: Store): Promise<readonly StoredCamera[]> {
  return store.ask(
    (sql) => sql<StoredCamera[]>`
      select name, site,
        extract(epoch from first_seen_at)::float8 as "firstSeenUtc",
        extract(epoch from last_seen_at)::float8 as "lastSeenUtc"
      from cameras
      order by name`,
  );
}
