/** Judged passes against the true ones: verdicts, errors of what was measured, and whether the intervals keep their word. Pure. */
import type { Interval, Verdict } from '../../domain/types.ts';
import type { PassMatches } from './match-passes.ts';
import { type Spread, spread } from './spread.ts';

export type Quantity = 'stopped_s' | 'min_speed' | 'approach_speed' | 'stop_distance_m' | 'entered_s' | 'min_speed_s';

export interface Coverage {
  readonly n: number;
  readonly inside: number;
  /** inside / n */
  readonly share: number;
}

export interface PassScore {
  readonly true: number;
  readonly found: number;
  readonly missed: readonly { readonly id: string; readonly lap: number; readonly entered_s: number }[];
  readonly invented: readonly {
    readonly id: string;
    readonly track_id: number;
    readonly entered_utc: number;
    readonly verdict: Verdict;
  }[];
  readonly verdicts_right: number;
  /** confusion[true verdict][judged verdict] */
  readonly confusion: Readonly<Record<Verdict, Readonly<Record<Verdict, number>>>>;
  readonly wrong: readonly {
    readonly id: string;
    readonly lap: number;
    readonly true: Verdict;
    readonly judged: Verdict;
    readonly reason: string;
  }[];
  readonly forced_right: number;
  readonly encroached_right: number;
  /** Judged minus true; speeds in the site's units. */
  readonly errors: Readonly<Record<Quantity, Spread | null>>;
  /** How often the truth lies in the stated interval. */
  readonly coverage: Readonly<
    Record<'stopped_s' | 'min_speed' | 'approach_speed' | 'stop_distance_m', Coverage | null>
  >;
}

const VERDICTS: readonly Verdict[] = ['full_stop', 'rolling_stop', 'no_stop', 'indeterminate'];

export function scorePasses({ found, missed, invented, startUtc }: PassMatches): PassScore {
  const confusion = Object.fromEntries(
    VERDICTS.map((a) => [a, Object.fromEntries(VERDICTS.map((b) => [b, 0]))]),
  ) as Record<Verdict, Record<Verdict, number>>;
  const errors: Record<Quantity, number[]> = {
    stopped_s: [],
    min_speed: [],
    approach_speed: [],
    stop_distance_m: [],
    entered_s: [],
    min_speed_s: [],
  };
  const hits = {
    stopped_s: [] as boolean[],
    min_speed: [] as boolean[],
    approach_speed: [] as boolean[],
    stop_distance_m: [] as boolean[],
  };
  const measure = (quantity: keyof typeof hits, truth: number | null, judged: Interval | null) => {
    if (truth === null || judged === null) return;
    errors[quantity].push(judged.value - truth);
    hits[quantity].push(truth >= judged.lo - 1e-6 && truth <= judged.hi + 1e-6);
  };
  const wrong: PassScore['wrong'][number][] = [];
  for (const { played, event } of found) {
    const { truth, lap } = played;
    confusion[truth.verdict][event.verdict]++;
    if (truth.verdict !== event.verdict) {
      wrong.push({ id: truth.id, lap, true: truth.verdict, judged: event.verdict, reason: event.reason });
    }
    // a pass that never stood is not measured by its standing time, unless it was said to have stood
    if (truth.stopped_s > 0 || (event.stopped_s?.value ?? 0) > 0)
      measure('stopped_s', truth.stopped_s, event.stopped_s);
    if (truth.stopped_s === 0) measure('min_speed', truth.min_speed, event.min_speed);
    measure('approach_speed', truth.approach_speed, event.approach_speed);
    measure('stop_distance_m', truth.stop_distance_m, event.stop_distance_m);
    errors.entered_s.push(event.entered_utc - played.enteredUtc);
    if (truth.stopped_s === 0 && event.min_speed_utc !== null && truth.min_speed < truth.approach_speed - 1) {
      errors.min_speed_s.push(event.min_speed_utc - (played.enteredUtc - truth.entered_s + truth.min_speed_s));
    }
  }
  return {
    true: found.length + missed.length,
    found: found.length,
    missed: missed.map(({ truth, lap }) => ({ id: truth.id, lap, entered_s: truth.entered_s })),
    invented: invented.map(({ id, track_id, entered_utc, verdict }) => ({
      id,
      track_id,
      entered_utc: entered_utc - startUtc,
      verdict,
    })),
    verdicts_right: found.length - wrong.length,
    confusion,
    wrong,
    forced_right: found.filter(({ played, event }) => played.truth.forced === event.forced).length,
    encroached_right: found.filter(({ played, event }) => played.truth.encroached === event.encroached).length,
    errors: map(errors, spread),
    coverage: map(hits, coverage),
  };
}

function coverage(hits: readonly boolean[]): Coverage | null {
  if (hits.length === 0) return null;
  const inside = hits.filter(Boolean).length;
  return { n: hits.length, inside, share: inside / hits.length };
}

function map<K extends string, A, B>(record: Record<K, A>, f: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value as A)])) as Record<K, B>;
}
