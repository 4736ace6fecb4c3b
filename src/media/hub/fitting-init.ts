/**
 * Finds the initialisation segment that each fragment needs: one that is made for the parameter sets in front of its pictures, or an
 * earlier one that was. The packager's own is for streams without sets in band: ffmpeg may have taken its sets from the description
 * and its size from pictures that came after a change. Fragments wait in order while one is made, one at a time and seldom. No
 * process of its own; one per packager.
 */
import { StopsignError } from '../../errors.ts';
import type { VideoCodec } from '../access-unit.ts';
import type { Fragment } from './fmp4-splitter.ts';
import { leadingNals, mergedSets } from './parameter-sets.ts';

export interface FittingInitOptions {
  readonly codec: VideoCodec;
  /** Of the description; used for kinds that do not come in band. */
  readonly parameterSets: readonly Buffer[];
  /** Of fragments that wait, together. */
  readonly maxBytes: number;
  nowMs(): number;
  /** @param nals parameter sets and the slice behind them */
  make(nals: readonly Buffer[]): Promise<Buffer>;
  onFragment(fragment: Fragment, init: Buffer): void;
  /** Once: no init was made of new parameter sets, the former goes on. */
  onUnfit(cause: unknown): void;
}

interface Init {
  readonly bytes: Buffer;
  /** Those it was made for. */
  readonly sets: readonly Buffer[];
}

/** A camera may go to and fro; more are not worth remembering. */
const REMEMBERED = 4;
/** So many changes at once, and one more each so often: a person turns a knob, and a camera that always changes has gone mad. */
const MAX_CHANGES = 6;
const CHANGE_EVERY_MS = 5_000;
/** The same sets: the machine may have been too busy the first time. */
const TRY_AGAIN_MS = 60_000;

export class FittingInit {
  readonly #options: FittingInitOptions;
  /** The newest first: that of the last fragment. */
  #inits: Init[] = [];
  #known: readonly Buffer[];
  /** The newest of which none could be made, and since when. */
  #rubbish: { readonly sets: readonly Buffer[]; readonly sinceMs: number } | null = null;
  #waiting: Fragment[] = [];
  #waitingBytes = 0;
  /** When the changes that count were. */
  #changesMs: number[] = [];
  #isMaking = false;
  #isClosed = false;
  #hasWarned = false;

  constructor(options: FittingInitOptions) {
    this.#options = options;
    this.#known = options.parameterSets;
  }

  /** What the packager wrote in front of its first fragment. */
  begin(bytes: Buffer): void {
    this.#inits = [{ bytes, sets: [] }];
  }

  push(fragment: Fragment): void {
    if (this.#isClosed || this.#inits.length === 0) return;
    this.#waiting.push(fragment);
    this.#waitingBytes += fragment.data.length;
    while (this.#waitingBytes > this.#options.maxBytes && this.#waiting.length > 1) this.#shift();
    this.#pump();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  #pump(): void {
    while (!this.#isClosed && !this.#isMaking && this.#waiting[0]) {
      const { sets, slice } = leadingNals(this.#options.codec, samplesOf(this.#waiting[0]));
      const wanted = mergedSets(this.#options.codec, this.#known, sets);
      const fitting = this.#inits.find((init) => sets.every((set) => isAmong(init.sets, set)));
      if (fitting) {
        this.#known = wanted;
        this.#pass(fitting);
      } else if (this.#isRubbish(wanted) || !this.#mayChange()) {
        this.#pass(this.#inits[0]);
      } else {
        this.#isMaking = true;
        void this.#make(wanted, slice);
      }
    }
  }

  async #make(wanted: readonly Buffer[], slice: Buffer | null): Promise<void> {
    try {
      const bytes = await this.#options.make(slice ? [...wanted, slice] : wanted);
      this.#inits = [{ bytes, sets: wanted }, ...this.#inits].slice(0, REMEMBERED);
      this.#known = wanted;
    } catch (cause) {
      this.#rubbish = { sets: wanted, sinceMs: this.#options.nowMs() };
      this.#warn(cause);
    }
    this.#isMaking = false;
    this.#pump();
  }

  #isRubbish(sets: readonly Buffer[]): boolean {
    const rubbish = this.#rubbish;
    if (!rubbish || this.#options.nowMs() - rubbish.sinceMs > TRY_AGAIN_MS) return false;
    return sets.every((set) => isAmong(rubbish.sets, set));
  }

  #mayChange(): boolean {
    const nowMs = this.#options.nowMs();
    this.#changesMs = this.#changesMs.filter((atMs) => nowMs - atMs < MAX_CHANGES * CHANGE_EVERY_MS);
    if (this.#changesMs.length < MAX_CHANGES) {
      this.#changesMs.push(nowMs);
      return true;
    }
    this.#warn(
      new StopsignError('BAD_INPUT', 'The camera changes its parameter sets all the time: HLS cannot follow.', {
        remedy: 'Set the camera to one size and profile.',
      }),
    );
    return false;
  }

  #warn(cause: unknown): void {
    if (this.#hasWarned || this.#isClosed) return;
    this.#hasWarned = true;
    this.#options.onUnfit(cause);
  }

  #pass(init: Init | undefined): void {
    const fragment = this.#shift();
    if (!fragment || !init) return;
    this.#inits = [init, ...this.#inits.filter((other) => other !== init)];
    this.#options.onFragment(fragment, init.bytes);
  }

  #shift(): Fragment | undefined {
    const fragment = this.#waiting.shift();
    this.#waitingBytes -= fragment?.data.length ?? 0;
    return fragment;
  }
}

function isAmong(sets: readonly Buffer[], set: Buffer): boolean {
  return sets.some((other) => other.equals(set));
}

/** What is in the `mdat` behind the `moof`. */
function samplesOf({ data }: Fragment): Buffer {
  const moofBytes = data.length >= 4 ? data.readUInt32BE(0) : 0;
  return data.subarray(moofBytes + 8);
}
