/**
 * What a tracker leaves to the process after this one (adr/0017): when its state is written, and what of it a new process
 * may still use. Called by actor.ts for every piece of work; never waits for a disk but at the very end.
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
import { briefSnapshot, restoreAnalyzer } from '../../domain/snapshot/analyzer-snapshot.ts';
import type { StateKeeper } from './ports.ts';

/** While somebody is in view who is not parked. */
const EVERY_S = 1;
/** Else: so that a new process knows how long nobody looked. */
const IDLE_EVERY_S = 30;
/** At once when something happened, but for bursts. */
const LEAST_S = 0.1;
/** A large state is written more rarely. */
const CHARACTERS_PER_S = 500_000;
/** A state older than this is not gone on with: vehicles have come and gone. */
const FRESH_S = 60;
const CLOSE_WITHIN_MS = 500;

export interface TakenOver {
  readonly state: AnalyzerState;
  /** Of an old state: the passes that were under way. */
  readonly output: StepOutput | null;
  readonly words: string;
}

export class Handover {
  private readonly keeper: StateKeeper;
  private readonly nowUs: () => number;
  private savedUs = 0;
  private leastS = 0;
  private hasNews = false;

  constructor(keeper: StateKeeper, nowUs: () => number) {
    this.keeper = keeper;
    this.nowUs = nowUs;
  }

  /** What the last process left; null when it left nothing. @throws StopsignError when it is of another configuration */
  takeOver(options: AnalyzerOptions): TakenOver | null {
    const saved = this.keeper.read();
    if (!saved) return null;
    const state = restoreAnalyzer(options, saved.snapshot);
    const ageS = (this.nowUs() - saved.savedUs) / 1e6;
    // Numbers given after it was written are in the database.
    const nextTrackId = Math.max(state.tracker.nextId, options.firstTrackId);
    state.tracker.nextId = nextTrackId;
    if (ageS >= 0 && ageS <= FRESH_S) {
      const words = `goes on where the last process ended ${ageS.toFixed(1)} s ago: ${liveTracks(state).length} tracks`;
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
    if (this.keeper.isBusy || state.lastTsUtc === null) return;
    const nowUs = this.nowUs();
    const sinceS = Math.abs(nowUs - this.savedUs) / 1e6;
    const isMoving = [...state.vehicles.values()].some(({ standing }) => !standing.isParked);
    const everyS = this.hasNews ? LEAST_S : Math.max(this.leastS, isMoving ? EVERY_S : IDLE_EVERY_S);
    if (sinceS < everyS) return;
    this.hasNews = false;
    this.savedUs = nowUs;
    this.leastS = this.keeper.write(briefSnapshot(state), nowUs) / CHARACTERS_PER_S;
  }

  /** The last word; skipped when the disk does not come to an end with the one before. */
  async close(state: AnalyzerState): Promise<void> {
    const snapshot = briefSnapshot(state);
    if (this.keeper.isBusy) await Promise.race([this.keeper.idle(), sleep(CLOSE_WITHIN_MS)]);
    if (!this.keeper.isBusy) this.keeper.writeLast(snapshot, this.nowUs());
  }
}
