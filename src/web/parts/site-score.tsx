/** How well the site is obeyed: its score with interval and n over some days. Definitions in docs/score.md. */
import { For, Match, Show, Switch } from 'solid-js';
import { ENOUGH_PASSES } from '../../domain/score/enough-passes.ts';
import type { ShareOfStops } from '../../domain/score/site-score.ts';
import type { SiteScoreAnswer } from '../../rpc/api/types.ts';
import type { Problem } from '../live/polling.ts';
import { Segmented } from './segmented.tsx';
import { ShareBar } from './share-bar.tsx';

export const SCORE_DAYS = ['1', '7', '30'] as const;
export type ScoreDays = (typeof SCORE_DAYS)[number];
const DAYS_WORDS: Readonly<Record<ScoreDays, string>> = { 1: '24 hours', 7: '7 days', 30: '30 days' };

export interface SiteScoreProps {
  /** undefined: not known yet. */
  readonly score: SiteScoreAnswer | undefined;
  readonly problem: Problem | null;
  readonly days: ScoreDays;
  readonly onDays: (days: ScoreDays) => void;
}

export function SiteScorePanel(props: SiteScoreProps) {
  const shares = (score: SiteScoreAnswer) => [
    { name: 'Full stops', hint: 'of all passes that could be judged', share: score.judged },
    { name: 'Of their own will', hint: 'nobody stood in front', share: score.voluntary },
  ];
  return (
    <section class="card site-score" aria-labelledby="site-score-title" aria-busy={props.score === undefined}>
      <div class="site-score-head">
        <h2 id="site-score-title" class="card-title">
          Site score
        </h2>
        <Segmented
          label="Time of the site score"
          testId="score-days"
          value={props.days}
          onChange={props.onDays}
          options={SCORE_DAYS.map((value) => ({ value, name: DAYS_WORDS[value] }))}
        />
      </div>
      <Switch fallback={<div class="skeleton is-line" role="status" aria-label="Loading the site score" />}>
        <Match when={props.score}>
          {(score) => (
            <>
              <div class="site-score-shares">
                <For each={shares(score())}>{(one) => <ShareFigure {...one} />}</For>
              </div>
              <p class="quiet site-score-note">
                {score().passes} {score().passes === 1 ? 'pass' : 'passes'} in {DAYS_WORDS[props.days]}
                <Show when={score().verdicts.indeterminate > 0}>
                  , {score().verdicts.indeterminate} of them could not be judged and do not count
                </Show>
                <Show when={score().isCut}>. There were more: only the newest are counted</Show>.
              </p>
            </>
          )}
        </Match>
        <Match when={props.problem}>
          {(problem) => <p class="quiet">The site score cannot be loaded: {problem().message}</p>}
        </Match>
      </Switch>
    </section>
  );
}

function ShareFigure(props: { readonly name: string; readonly hint: string; readonly share: ShareOfStops }) {
  const known = () => {
    const { n, score, fullStops } = props.share;
    return n >= ENOUGH_PASSES && score !== null && fullStops ? { score, fullStops, n } : null;
  };
  return (
    <div class="site-score-share" data-testid="site-score" data-n={props.share.n}>
      <p class="site-score-name">
        {props.name} <span class="quiet">· {props.hint}</span>
      </p>
      <Show
        when={known()}
        fallback={
          <p class="site-score-none" data-testid="site-score-empty">
            Not enough passes yet: {props.share.n} of {ENOUGH_PASSES}
          </p>
        }
      >
        {(told) => (
          <>
            <p class="site-score-figures">
              <span class="site-score-number">{told().score}</span> of 100
              <span class="quiet">
                95 %: {whole(told().fullStops.lo)} to {whole(told().fullStops.hi)}, n = {told().n}
              </span>
            </p>
            <ShareBar value={told().fullStops.value} interval={told().fullStops} />
          </>
        )}
      </Show>
    </div>
  );
}

function whole(share: number): string {
  return String(Math.round(100 * share));
}
