/**
 * What is done about a frozen picture: the stream is opened anew, then the operator's own command is run, once each
 * until the picture moves again. The row's `frozenSinceUs` tells the supervisor, which opens and resolves the incident.
 */
import type { StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { FrozenPicture } from './frozen-picture.ts';

const LOOK_EVERY_MS = 1_000;

export interface FrozenWatchParts {
  /** Without any change for this long a picture is frozen; as long again, and the command is run. */
  readonly afterMs: number;
  readonly row: StatusRow;
  readonly clock: Clock;
  readonly log: Log;
  /** Opens the stream anew. */
  reopen(): void;
  /** The operator's command; absent: there is none. */
  readonly runCommand?: ((sinceUtc: number) => void) | undefined;
  /** Monotonic, ms. */
  readonly steadyMs?: () => number;
}

export class FrozenWatch {
  private readonly parts: FrozenWatchParts;
  private readonly picture = new FrozenPicture();
  private readonly steadyMs: () => number;
  private nextLookMs = Number.NEGATIVE_INFINITY;
  private done: 'nothing' | 'reopened' | 'command' = 'nothing';

  constructor(parts: FrozenWatchParts) {
    this.parts = parts;
    this.steadyMs = parts.steadyMs ?? (() => performance.now());
    parts.row.set('frozenSinceUs', 0);
  }

  /** Called with every picture; looks at about one a second. */
  see(luma: Uint8Array, width: number, height: number): void {
    const nowMs = this.steadyMs();
    if (nowMs < this.nextLookMs) return;
    this.nextLookMs = nowMs + LOOK_EVERY_MS;
    this.act(this.picture.look(luma, width, height, nowMs));
  }

  private act(stillMs: number): void {
    const { afterMs, row, clock, log, reopen, runCommand } = this.parts;
    if (stillMs < afterMs) {
      if (this.done !== 'nothing') log.info('the picture moves again');
      this.done = 'nothing';
      row.set('frozenSinceUs', 0);
      return;
    }
    if (this.done === 'nothing') {
      this.done = 'reopened';
      row.set('frozenSinceUs', clock.nowUs() - stillMs * 1_000);
      log.warn({ seconds: Math.round(stillMs / 1_000) }, 'the picture is frozen: the stream is opened anew');
      reopen();
    } else if (this.done === 'reopened' && stillMs >= 2 * afterMs) {
      this.done = 'command';
      if (!runCommand) return;
      log.warn({ seconds: Math.round(stillMs / 1_000) }, 'the picture is still frozen: the command is run');
      runCommand(row.get('frozenSinceUs') / 1e6);
    }
  }
}
