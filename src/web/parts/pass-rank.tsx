/** Where a pass stands among the others of its camera: its percentile rank, never without n. Definitions in docs/score.md. */
import { Match, Show, Switch } from 'solid-js';
import { ENOUGH_PASSES } from '../../domain/score/enough-passes.ts';
import type { PassEvent } from '../../domain/types.ts';
import type { PassRankAnswer } from '../../rpc/api/types.ts';
import type { Problem } from '../live/polling.ts';
import { ShareBar } from './share-bar.tsx';

export interface PassRankProps {
  readonly pass: PassEvent;
  /** undefined: not known yet; null: the pass is not stored yet. */
  readonly answer: PassRankAnswer | null | undefined;
  readonly problem: Problem | null;
  /** How many days of passes it is compared with. */
  readonly days: number;
}

export function PassRank(props: PassRankProps) {
  const rank = () => {
    const found = props.answer?.rank;
    return found && found.n >= ENOUGH_PASSES ? found : null;
  };
  return (
    <section class="pass-rank" aria-labelledby="pass-rank-title" data-testid="pass-rank">
      <h3 id="pass-rank-title" class="pass-rank-title">
        Rank
      </h3>
      <Switch fallback={<p class="quiet">{whyNone(props)}</p>}>
        <Match when={rank()}>
          {(found) => (
            <>
              <p class="pass-rank-figures">
                <span class="pass-rank-number">{Math.round(found().percentile)}</span> of 100
                <span class="quiet">{compared(found().percentile, found().n, props.days)}</span>
              </p>
              <ShareBar value={found().percentile / 100} />
            </>
          )}
        </Match>
        <Match when={props.answer === undefined && props.problem === null}>
          <div class="skeleton is-line" role="status" aria-label="Loading the rank" />
        </Match>
      </Switch>
      <Show when={rank()}>
        <p class="quiet pass-rank-note">Who stood ranks above who rolled; a longer stand counts up to 3 s.</p>
      </Show>
    </section>
  );
}

function compared(percentile: number, n: number, days: number): string {
  return `stopped more thoroughly than ${Math.round(percentile)} % of the others, n = ${n} in ${days} days`;
}

function whyNone({ pass, answer, problem }: PassRankProps): string {
  if (answer === undefined && problem) return `It cannot be loaded: ${problem.message}`;
  if (pass.verdict === 'indeterminate') return 'None: the pass could not be judged.';
  if (!answer) return 'Not known yet: the pass is being stored.';
  const isMeasured = (pass.stopped_s !== null && pass.stopped_s.value > 0) || pass.min_speed !== null;
  if (!isMeasured) return 'None: without calibration it cannot be said how slow it was.';
  return `Not enough passes yet: ${answer.rank?.n ?? 0} of ${ENOUGH_PASSES}`;
}
