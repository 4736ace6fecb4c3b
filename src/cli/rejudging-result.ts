/** What judging stored passes again came to, for its report to people and its JSON. */
import type { StoredPassesQuestion } from '../store/stored-passes.ts';
import type { CameraTally, RejudgeTally } from './rejudge-tally.ts';
import type { SiteDifference } from './site-differences.ts';

/** What became of one camera's passes. */
export interface RejudgedCamera extends CameraTally {
  readonly name: string;
  /** The new configuration; null: it does not know the camera. */
  readonly configVersion: string | null;
  /** Between the new site and the other one that most of its passes were judged under; null: that is not known any more. */
  readonly differences: readonly SiteDifference[] | null;
  /** Under which the old judgements are kept; null: nothing was written. */
  readonly rejudgement: number | null;
}

export interface RejudgingResult {
  readonly question: StoredPassesQuestion;
  readonly isApplied: boolean;
  readonly passes: number;
  readonly tally: RejudgeTally;
  readonly cameras: readonly RejudgedCamera[];
}
