/** A part of the house, as the launcher sees it: a child process, or something that behaves like one. */
import type { CameraFaultKind } from '../rpc/fault.ts';
import type { RestartLimits } from './restart-policy.ts';

/** What a ready part tells the others, e.g. its address. Compared as JSON: others restart when it changes. */
export type Facts = Readonly<Record<string, string>>;

export interface PartExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last thing it complained about, for the sentence that explains why the launcher gave up. */
  readonly lastWords: string | null;
}

export interface RunningPart {
  readonly facts: Facts;
  /** Settles when it has ended, wanted or not; never rejects. */
  readonly exited: Promise<PartExit>;
  /**
   * Orderly, then by force; resolves when it is gone. Idempotent and bounded.
   * @param withinMs when there is less time than it usually has
   */
  stop(withinMs?: number): Promise<void>;
  /** By force, at once. */
  kill(): void;
  /** Stands still, or goes on: to see what happens then. Absent: it cannot. */
  freeze?(isFrozen: boolean): void;
  /** Over the channel to the child; false when there is none. */
  send?(message: object): boolean;
}

export interface PartSpec {
  readonly name: string;
  /** Started when these are ready, stopped before them. */
  readonly after: readonly string[];
  readonly limits: RestartLimits;
  /** It is of no use while one of `after` is down: then it is started again only when they are all up. */
  readonly waitsForOthers?: boolean;
  /**
   * Resolves when the part is ready. Rejects when it cannot be had, or promptly when `signal` aborts, and then leaves
   * nothing running.
   * @param fault it shall be ready and do this on purpose; null, absent: what it is there for
   */
  start(facts: ReadonlyMap<string, Facts>, signal: AbortSignal, fault?: CameraFaultKind | null): Promise<RunningPart>;
}
