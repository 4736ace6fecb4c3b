/**
 * What the routers need from whoever serves them (the gateway's room). No database, no thread, no cookie is known here.
 * Every function may throw a StopsignError; `error-edge.ts` turns it into an answer.
 */
import type { PassEvent } from '../../domain/types.ts';
import type { Incident } from '../control.ts';
import type { FaultRequest } from '../fault.ts';
import type { CameraInfo, PassDetail, PassRankAnswer, PassStats, SiteScoreAnswer, SystemStatus } from './types.ts';

export interface PassQuery {
  /** Absent: all cameras. */
  readonly camera?: string | undefined;
  /** 1 … 200 */
  readonly limit: number;
  /** Only passes entered before this, UTC seconds. */
  readonly before?: number | undefined;
}

export interface ApiPorts {
  readonly cameras: {
    list(): readonly CameraInfo[];
  };
  readonly status: {
    snapshot(): SystemStatus;
    /** One now, then one a second, until `signal` aborts. */
    watch(signal: AbortSignal): AsyncIterable<SystemStatus>;
  };
  readonly passes: {
    /** Newest first. */
    recent(query: PassQuery): Promise<readonly PassEvent[]>;
    byId(id: string): Promise<PassDetail | null>;
    stats(camera: string): Promise<PassStats>;
    /** Of the passes entered in the last `days`. */
    score(camera: string, days: number): Promise<SiteScoreAnswer>;
    /** Among its camera's other passes of the last `days`; null when there is no such pass. */
    rank(id: string, days: number): Promise<PassRankAnswer | null>;
    /** As they happen; first those that happened after the pass `afterId`, as far as they are remembered. */
    watch(camera: string | undefined, afterId: string | undefined, signal: AbortSignal): AsyncIterable<PassEvent>;
  };
  readonly incidents: {
    /** Newest first. */
    recent(limit: number): Promise<readonly Incident[]>;
  };
  readonly admin: {
    /** Compares in constant time and counts failures per address. */
    login(token: string, address: string): LoginResult;
    logout(session: string): void;
    restart(actor: string, by: string): Promise<void>;
    /** Something fails on purpose; BAD_USAGE in a house that does not allow it. */
    fault(request: FaultRequest, by: string): Promise<void>;
    /** What the camera shows now is what it shall show: verdicts resume. */
    confirmView(camera: string, by: string): Promise<void>;
  };
}

export type LoginResult =
  | { readonly ok: true; readonly session: string }
  | { readonly ok: false; readonly reason: 'wrong' }
  | { readonly ok: false; readonly reason: 'too_many'; readonly retryAfterS: number };

/** Made for every request. */
export interface ApiContext {
  readonly ports: ApiPorts;
  /** Who asks, for limits and the audit trail. */
  readonly address: string;
  /** The admin session that came with the request, if it is a valid one. */
  readonly session: string | null;
  /** Viewing is public, or the request carried the session or the token. */
  readonly mayView: boolean;
  /** Counts one more stream of this address, until the answer ends; false when it has too many open. */
  openStream(): boolean;
  /** Hands the session to the browser; null takes it away. */
  setSession(session: string | null): void;
}
