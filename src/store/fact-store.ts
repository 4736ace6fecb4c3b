/**
 * Postgres as the persister sees it. Before the first insert, and after every outage, the schema and the list of
 * cameras are brought up to date, so that a database that was replaced by an empty one is simply filled again; and
 * incidents that an earlier process left open are resolved.
 */
import type { Fact } from '../rpc/records.ts';
import { insertBatch } from './insert-batch.ts';
import { migrate } from './migrate.ts';
import type { Store } from './open-store.ts';
import { PURGE_CHUNK, purgeDetections } from './purge-detections.ts';
import { isOpenIncident, resolveStaleIncidents } from './resolve-stale-incidents.ts';
import { type CameraEntry, upsertCamera } from './upsert-camera.ts';

/** The process whose incidents are the only ones that may still be open. */
export interface WritingProcess {
  readonly startedUtc: number;
  nowUtc(): number;
}

export class PostgresFactStore {
  private readonly store: Store;
  private readonly cameras: readonly CameraEntry[];
  private readonly process: WritingProcess | undefined;
  private isPrepared = false;

  /** @param cameras as they are configured */
  constructor(store: Store, cameras: readonly CameraEntry[] = [], process?: WritingProcess) {
    this.store = store;
    this.cameras = cameras;
    this.process = process;
  }

  /**
   * All or nothing, and repeatable.
   * @throws StopsignError BAD_INPUT (one of these facts is refused), DATABASE_UNAVAILABLE, DATABASE_MISMATCH
   */
  insert(facts: readonly Fact[]): Promise<void> {
    return this.prepared(async () => {
      await insertBatch(this.store, facts);
      // The spool may hold what the last process told just before it ended.
      if (facts.some((fact) => isOpenIncident(fact, this.process?.startedUtc))) await this.resolveStale();
    });
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

  private async resolveStale(): Promise<void> {
    if (!this.process) return;
    const { startedUtc, nowUtc } = this.process;
    await resolveStaleIncidents(this.store, { openedBeforeUtc: startedUtc, resolvedUtc: nowUtc() });
  }

  private async prepared<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (!this.isPrepared) {
        await migrate(this.store);
        for (const camera of this.cameras) await upsertCamera(this.store, camera);
        await this.resolveStale();
      }
      this.isPrepared = true;
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'BAD_INPUT') this.isPrepared = false;
      throw error;
    }
  }
}
