/**
 * Postgres as the persister sees it. Before the first insert, and after every outage, the schema and the list of
 * cameras are brought up to date, so that a database that was replaced by an empty one is simply filled again.
 */
import type { Fact } from '../rpc/records.ts';
import { insertBatch } from './insert-batch.ts';
import { migrate } from './migrate.ts';
import type { Store } from './open-store.ts';
import { PURGE_CHUNK, purgeDetections } from './purge-detections.ts';
import { type CameraEntry, upsertCamera } from './upsert-camera.ts';

export class PostgresFactStore {
  private readonly store: Store;
  private readonly cameras: readonly CameraEntry[];
  private isPrepared = false;

  /** @param cameras as they are configured */
  constructor(store: Store, cameras: readonly CameraEntry[] = []) {
    this.store = store;
    this.cameras = cameras;
  }

  /**
   * All or nothing, and repeatable.
   * @throws StopsignError BAD_INPUT (one of these facts is refused), DATABASE_UNAVAILABLE, DATABASE_MISMATCH
   */
  insert(facts: readonly Fact[]): Promise<void> {
    return this.prepared(() => insertBatch(this.store, facts));
  }

  /** Deletes a bounded number of old per-frame detections; `more` says whether to call again soon. */
  purge(beforeUtc: number): Promise<{ readonly deleted: number; readonly more: boolean }> {
    return this.prepared(async () => {
      const deleted = await purgeDetections(this.store, beforeUtc);
      return { deleted, more: deleted >= PURGE_CHUNK };
    });
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async prepared<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (!this.isPrepared) {
        await migrate(this.store);
        for (const camera of this.cameras) await upsertCamera(this.store, camera);
      }
      this.isPrepared = true;
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'BAD_INPUT') this.isPrepared = false;
      throw error;
    }
  }
}
