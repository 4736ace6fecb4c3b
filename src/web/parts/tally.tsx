/** Today in figures: the share of full stops, the four counts (also the legend of the verdict colours), the hours. */
import { For, Show } from 'solid-js';
import type { PassStats, VerdictCounts } from '../../rpc/api/types.ts';
import { HourlyBars } from '../charts/hourly-bars.tsx';
import { StackedBar } from '../charts/stacked-bar.tsx';
import { VERDICT_WORDS, VERDICTS } from './format.ts';
import { VerdictIcon } from './icon.tsx';

const NONE: VerdictCounts = { full_stop: 0, rolling_stop: 0, no_stop: 0, indeterminate: 0 };

export function Tally(props: { readonly stats: PassStats | undefined; readonly nowS: number }) {
  const counts = () => props.stats?.today ?? NONE;
  const total = () => VERDICTS.reduce((sum, verdict) => sum + counts()[verdict], 0);
  /** Of those that could be judged. */
  const judged = () => total() - counts().indeterminate;
  return (
    <section class="card tally" aria-labelledby="tally-title" aria-busy={props.stats === undefined}>
      <div class="tally-share">
        <h2 id="tally-title" class="card-title">
          Today
        </h2>
        <p class="tally-number" data-testid="full-stop-share">
          {judged() > 0 ? `${Math.round((counts().full_stop / judged()) * 100)} %` : '–'}
        </p>
        <p class="quiet">
          <Show when={total() > 0} fallback="no pass yet">
            came to a full stop · {total()} {total() === 1 ? 'pass' : 'passes'}
          </Show>
        </p>
      </div>
      <div class="tally-verdicts">
        <StackedBar counts={counts()} />
        <ul class="tally-legend">
          <For each={VERDICTS}>
            {(verdict) => (
              <li data-testid="tally" data-verdict={verdict}>
                <VerdictIcon verdict={verdict} />
                <span class="tally-count">{counts()[verdict]}</span>
                <span class="tally-name">{VERDICT_WORDS[verdict]}</span>
              </li>
            )}
          </For>
        </ul>
      </div>
      <HourlyBars hourly={props.stats?.hourly ?? []} nowS={props.nowS} />
    </section>
  );
}
