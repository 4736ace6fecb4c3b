/** What the gateway needs from outside its room. The real ones enter in `worker.ts`. */
import type { ScoredPass } from '../../domain/score/site-score.ts';
import type { PassEvent } from '../../domain/types.ts';
import type { PassQuery } from '../../rpc/api/ports.ts';
import type { PassDetail, PassStats } from '../../rpc/api/types.ts';
import type { Incident } from '../../rpc/control.ts';

/** Questions to the database. Each rejects with DATABASE_UNAVAILABLE while it cannot be reached. */
export interface PassStore {
  /** Newest first. */
  recentPasses(query: PassQuery): Promise<readonly PassEvent[]>;
  passById(id: string): Promise<PassDetail | null>;
  /** `timezone`: IANA name, decides when "today" began. */
  passStats(question: { camera: string; timezone: string; nowUtc: number }): Promise<PassStats>;
  /** The figures that scores are made of. */
  sitePasses(question: { camera: string; sinceUtc: number }): Promise<{
    readonly passes: readonly (ScoredPass & { readonly id: string })[];
    readonly isCut: boolean;
  }>;
  scoredPassById(id: string): Promise<(ScoredPass & { readonly id: string; readonly camera: string }) | null>;
  /** Newest first. */
  recentIncidents(limit: number): Promise<readonly Incident[]>;
  close(): Promise<void>;
}

/** One browser's WebSocket, as far as the live channel needs it. */
export interface LiveSocket {
  send(message: Uint8Array): void;
  /** Bytes that wait in this process because the peer does not take them. */
  bufferedBytes(): number;
  ping(): void;
  end(code: number, reason: string): void;
}
