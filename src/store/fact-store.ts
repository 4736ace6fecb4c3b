/**
 * Postgres as the persister sees it. Before the first insert, and after every outage, the schema is brought up to date,
 * so that a database that was replaced by an empty one is simply filled again.
 */
import type { Fact } from '../rpc/records.ts';
import { insertBatch } from './insert-batch.ts';
import { migrate } from './migrate.ts';
import type { Store } from './open-store.ts';
import { PURGE_CHUNK, purgeDetections } from './purge-detections.ts';

export class PostgresFactStore {
  private readonly store: Store;
  private isMigrated = false;

  constructor(store: Store) {
    this.store = store;
  }

  /**
   * All or nothing, and repeatable.
   * @throws StopsignError BAD_INPUT (one of these facts is refused), DATABASE_UNAVAILABLE, DATABASE_MISMATCH
   */
  insert(facts: readonly Fact[]): Promise<void> {
    return this.ready(() => insertBatch(this.store, facts));
  }

  /** Deletes a bounded number of old per-frame detections; `more` says whether to call again soon. */
  purge(beforeUtc: number): Promise<{ deleted: number; more: boolean }> {
    return this.ready(async () => {
      const deleted = await purgeDetections(this.store, beforeUtc);
      return { deleted, more: deleted >= PURGE_CHUNK };
    });
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async ready<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (!this.isMigrated) await migrate(this.store);
      this.isMigrated = true;
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'BAD_INPUT') this.isMigrated = false;
      throw error;
    }
  }
}
