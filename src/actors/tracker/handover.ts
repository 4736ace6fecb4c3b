/**
 * What a tracker leaves to the process after this one (adr/0017): when its state is written, and what of it a new process
 * may still use. What was told, but not taken by the persister, goes with the state: the next process tells it again.
 * Called by actor.ts for every piece of work; never waits for a disk but at the very end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AnalyzerOptions,
  type AnalyzerState,
  createAnalyzer,
  giveUp,
  liveTracks,
  type StepOutput,
} from '../../domain/site-analyzer.ts';
import { type AnalyzerSnapshot, briefSnapshot, restoreAnalyzer } from '../../domain/snapshot/analyzer-snapshot.ts';
import type { Outbox } from './outbox.ts';
import type { StateKeeper } from './ports.ts';

/** While somebody is in view who is not parked. */
const EVERY_S = 1;
/** Else: so that a new process knows how long nobody looked. */
const IDLE_EVERY_S = 30;
/** When something happened it is written at once, so often ahead of its second; each second gives one back. */
const MOST_AHEAD = 5;
const LEAST_S = 0.1;
/** A large state is written more rarely. */
const CHARACTERS_PER_S = 500_000;
/** A state older than this is not gone on with: vehicles have come and gone. */
const FRESH_S = 60;
const CLOSE_WITHIN_MS = 500;
const CLOSE_LOOK_MS = 5;

export interface TakenOver {
  readonly state: AnalyzerState;
  /** Of an old state: the passes that were under way. */
  readonly output: StepOutput | null;
  readonly words: string;
}

export interface HandoverParts {
  readonly keeper: StateKeeper;
  readonly outbox: Pick<Outbox, 'untold' | 'putAgain'>;
  /** Version of the code that the state is made by. */
  readonly program: string;
  nowUs(): number;
}

export class Handover {
  private readonly parts: HandoverParts;
  private savedUs = 0;
  private leastS = 0;
  private hasNews = false;
  private ahead = MOST_AHEAD;
  private lookedUs = 0;

  constructor(parts: HandoverParts) {
    this.parts = parts;
  }

  /** What the last process left; null when it left nothing. @throws StopsignError when it is of another configuration */
  takeOver(options: AnalyzerOptions): TakenOver | null {
    const { keeper, outbox, program } = this.parts;
    const saved = keeper.read();
    if (!saved) return null;
    // Facts are facts, whatever becomes of the state.
    for (const text of saved.untold) outbox.putAgain(text);
    const state = restoreAnalyzer(options, saved.snapshot, program);
    const ageS = (this.parts.nowUs() - saved.savedUs) / 1e6;
    // Numbers given after it was written are in the database.
    const nextTrackId = Math.max(state.tracker.nextId, options.firstTrackId);
    state.tracker.nextId = nextTrackId;
    // Less than nothing: the clock was set back meanwhile; by little, and the state is fresh all the same.
    if (Math.abs(ageS) <= FRESH_S) {
      const words = `goes on where the last process ended ${Math.max(0, ageS).toFixed(1)} s ago: ${liveTracks(state).length} tracks`;
      return { state, output: null, words };
    }
    const output = giveUp(state, (state.lastTsUtc ?? 0) + Math.max(ageS, FRESH_S));
    const passes = output.events.filter(({ type }) => type === 'pass').length;
    const words = `begins anew: what the last process left is ${ageS.toFixed(0)} s old; ${passes} of its passes were under way`;
    // What is known of the camera's view does not grow old: one that was moved is moved still.
    const fresh = { ...createAnalyzer({ ...options, firstTrackId: nextTrackId }), trust: state.trust };
    return { state: fresh, output, words };
  }

  /** Something happened that a successor must not tell again. */
  note(): void {
    this.hasNews = true;
  }

  /** Writes when it is time to. */
  tick(state: AnalyzerState): void {
    const { keeper } = this.parts;
    if (keeper.isBusy || state.lastTsUtc === null) return;
    const nowUs = this.parts.nowUs();
    this.ahead = Math.min(MOST_AHEAD, this.ahead + Math.abs(nowUs - this.lookedUs) / 1e6);
    this.lookedUs = nowUs;
    const sinceS = Math.abs(nowUs - this.savedUs) / 1e6;
    if (sinceS < this.everyS(state)) return;
    const untold = this.parts.outbox.untold();
    if (this.hasNews) this.ahead = Math.max(0, this.ahead - 1);
    this.hasNews = false;
    this.savedUs = nowUs;
    this.leastS = keeper.write({ savedUs: nowUs, untold, snapshot: this.snapshot(state) }) / CHARACTERS_PER_S;
  }

  snapshot(state: AnalyzerState): AnalyzerSnapshot {
    return briefSnapshot(state, this.parts.program);
  }

  /**
   * The last word, once the persister has taken what was told, or has not for too long. Skipped when the disk does not
   * come to an end with the one before.
   */
  async close(snapshot: AnalyzerSnapshot): Promise<void> {
    const { keeper, outbox } = this.parts;
    const untilMs = performance.now() + CLOSE_WITHIN_MS;
    const isOver = (): boolean => performance.now() >= untilMs;
    while (!isOver() && outbox.untold().length > 0) await sleep(CLOSE_LOOK_MS);
    if (keeper.isBusy) await Promise.race([keeper.idle(), sleep(Math.max(0, untilMs - performance.now()))]);
    if (!keeper.isBusy) keeper.writeLast({ savedUs: this.parts.nowUs(), untold: outbox.untold(), snapshot });
  }

  private everyS({ vehicles }: AnalyzerState): number {
    if (this.hasNews) return this.ahead >= 1 ? LEAST_S : Math.max(EVERY_S, this.leastS);
    const isMoving = [...vehicles.values()].some(({ standing }) => !standing.isParked);
    return Math.max(this.leastS, isMoving ? EVERY_S : IDLE_EVERY_S);
  }
}
