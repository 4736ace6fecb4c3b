/** One pass with everything it was judged on. Asks for the samples itself; the figures may be known already. */
import { A } from '@solidjs/router';
import { For, Match, Show, Switch } from 'solid-js';
import type { PassEvent } from '../../domain/types.ts';
import { SpeedChart } from '../charts/speed-chart.tsx';
import { createPolled } from '../live/polling.ts';
import { useSiteTime } from '../live/site-time.ts';
import { api } from '../live/trpc.ts';
import { matchPasses } from '../truth/match-passes.ts';
import type { TruthClip } from '../truth/truth-clip.ts';
import { capitalise, formatInterval, formatStop } from './format.ts';
import { Icon } from './icon.tsx';
import { Notice } from './notice.tsx';
import { PassRank } from './pass-rank.tsx';
import { PassTruthTable } from './pass-truth.tsx';
import { ProblemNotice } from './problem-notice.tsx';
import { VerdictBadge } from './verdict-badge.tsx';

/** A pass does not change once it was judged; it is asked again only so that a failure heals. */
const AGAIN_MS = 300_000;
/** The rank moves with every other pass. */
const RANK_AGAIN_MS = 60_000;
const RANK_DAYS = 30;

export function PassDetailView(props: {
  readonly id: string;
  readonly known: PassEvent | undefined;
  readonly backHref: string;
  /** null: not known or not wanted. */
  readonly truth?: TruthClip | null;
}) {
  const time = useSiteTime();
  const detail = createPolled(() => api.passes.byId.query({ id: props.id }), AGAIN_MS);
  const rank = createPolled(() => api.passes.rank.query({ id: props.id, days: RANK_DAYS }), RANK_AGAIN_MS);
  const pass = () => detail.value()?.pass ?? props.known;
  const played = () => {
    const [clip, known] = [props.truth, pass()];
    return clip && known ? matchPasses(clip, [known]).get(known.id) : undefined;
  };
  return (
    <div class="detail" data-testid="pass-detail">
      <A class="link detail-back" href={props.backHref}>
        <Icon name="back" /> All passes
      </A>
      <Switch fallback={<div class="skeleton is-chart" role="status" aria-label="Loading the pass" />}>
        <Match when={pass()}>
          {(known) => (
            <>
              <div class="detail-head">
                <VerdictBadge verdict={known().verdict} />
                <h2 class="detail-title">
                  {capitalise(known().vehicle)} #{known().track_id}
                </h2>
                <p class="quiet">
                  {time.day(known().entered_utc, Date.now())}, {time.clock(known().entered_utc)}
                  <Show when={known().reason}> · {known().reason}</Show>
                </p>
              </div>
              <Switch fallback={<div class="skeleton is-chart" role="status" aria-label="Loading the samples" />}>
                <Match when={detail.value()}>
                  {(found) => <SpeedChart pass={found().pass} samples={found().samples} />}
                </Match>
                <Match when={detail.problem()}>
                  {(problem) => (
                    <ProblemNotice
                      problem={problem()}
                      what="The samples cannot be loaded"
                      onRetry={() => detail.refresh()}
                    />
                  )}
                </Match>
              </Switch>
              <Show when={played()}>
                {(match) => (
                  <PassTruthTable pass={known()} truth={match().truth} units={props.truth?.units ?? 'km/h'} />
                )}
              </Show>
              <PassRank pass={known()} answer={rank.value()} problem={rank.problem()} days={RANK_DAYS} />
              <dl class="facts">
                <For each={factsOf(known())}>
                  {([name, value]) => (
                    <div>
                      <dt>{name}</dt>
                      <dd>{value}</dd>
                    </div>
                  )}
                </For>
              </dl>
            </>
          )}
        </Match>
        <Match when={detail.value() === null}>
          <Notice icon="alert" title="There is no such pass">
            It may have been deleted, or the link is mistyped.
          </Notice>
        </Match>
        <Match when={detail.problem()}>
          {(problem) => (
            <ProblemNotice problem={problem()} what="The pass cannot be loaded" onRetry={() => detail.refresh()} />
          )}
        </Match>
      </Switch>
    </div>
  );
}

function factsOf(pass: PassEvent): [string, string][] {
  const speed = (value: PassEvent['min_speed']) => formatInterval(value, value?.unit ?? '', 1);
  const notes = [
    pass.forced && 'stood behind another vehicle',
    pass.encroached && 'stood beyond the line',
    !pass.complete && 'not seen to the end',
  ].filter((note) => note !== false);
  return [
    ['Stood', formatStop(pass)],
    ['Slowest', speed(pass.min_speed)],
    ['Approach', speed(pass.approach_speed)],
    ['From the line', formatInterval(pass.stop_distance_m, 'm', 1)],
    ['In the zone', `${pass.time_in_zone_s.toFixed(1)} s`],
    ['Samples', String(pass.samples)],
    ...(notes.length > 0 ? ([['Notes', notes.join(', ')]] as [string, string][]) : []),
    ['Pass', pass.id],
  ];
}
