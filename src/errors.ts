/**
 * The one error class of the project. Anyone may throw it, anyone may import it; it imports nothing.
 * Expected outcomes are values, never exceptions. Callers branch on `code`, never on `message`.
 */

/** Every code, with the exit status a command ends with when nobody handles it (sysexits.h). */
export const ERROR_CODES = {
  /** The command line or the configuration is wrong: restarting cannot help. */
  BAD_CONFIG: 64,
  BAD_USAGE: 64,
  /** Data from outside (detections file, message, request) does not have the promised form. */
  BAD_INPUT: 65,
  /** A file that was named is not there or cannot be read. */
  INPUT_MISSING: 66,
  /** A model file has the wrong sha256, the wrong shapes, or cannot be had. */
  BAD_MODEL: 66,
  /** A camera or the hub cannot be reached, or refuses. */
  STREAM_UNAVAILABLE: 69,
  STREAM_UNAUTHORIZED: 77,
  /** Postgres cannot be reached, or refuses. */
  DATABASE_UNAVAILABLE: 69,
  /** A migration that already ran was changed, or the database is newer than this program. */
  DATABASE_MISMATCH: 70,
  /** A port is taken by somebody else. */
  PORT_TAKEN: 69,
  /** A native package is missing or does not fit this machine. */
  NATIVE_MISSING: 69,
  /** The machine, or what a container may use of it, is not large enough. */
  TOO_SMALL: 69,
  /** A call over the control plane was not answered in time, or its thread ended. */
  CONTROL_TIMEOUT: 70,
  CONTROL_CLOSED: 70,
  /** The pipeline cannot go on by itself: the launcher (or Docker, systemd) restarts the process. */
  ESCALATED: 70,
  INTERNAL: 70,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface StopsignErrorOptions {
  /** What the reader can do about it, one sentence; shown after the message. */
  remedy?: string;
  cause?: unknown;
}

export class StopsignError extends Error {
  override readonly name = 'StopsignError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, options: StopsignErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code];
  }

  /** Anything caught becomes a StopsignError; one that is one already is returned as it is. */
  static from(cause: unknown, code: ErrorCode = 'INTERNAL'): StopsignError {
    if (cause instanceof StopsignError) return cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    return new StopsignError(code, message, { cause });
  }
}

/** One line for people: what is wrong and what to do. */
export function describeError(error: unknown): string {
  const known = StopsignError.from(error);
  return known.remedy ? `${known.message} ${known.remedy}` : known.message;
}
