/** "How exact is it?": the passes of the clip's last lap, measured and true. On the live page while the truth is shown. */
import { createSignal, For, Match, onCleanup, Show, Switch } from 'solid-js';
import type { PassEvent } from '../../domain/types.ts';
import { useSiteTime } from '../live/site-time.ts';
import type { Quantity } from '../truth/compare-pass.ts';
import { clipTime } from '../truth/frame-at.ts';
import { type LapRow, lastLap, summarise } from '../truth/last-lap.ts';
import type { TruthClip } from '../truth/truth-clip.ts';
import type { TruthSource } from '../truth/truth-source.ts';
import { capitalise, VERDICT_WORDS } from './format.ts';
import { VerdictIcon } from './icon.tsx';
import { ProblemNotice } from './problem-notice.tsx';
import { TruthFigure } from './truth-figure.tsx';

export interface TruthPanelProps {
  readonly truth: TruthSource;
  readonly passes: readonly PassEvent[];
  /** The server's UTC, seconds. */
  readonly nowUtc: () => number;
}

export function TruthPanel(props: TruthPanelProps) {
  const problem = () => {
    const state = props.truth.state();
    return state.kind === 'failed' ? state.problem : null;
  };
  return (
    <section class="card live-truth" aria-labelledby="truth-title" data-testid="truth-panel">
      <div class="card-head">
        <h2 id="truth-title" class="card-title">
          How exact is it?
        </h2>
      </div>
      <Switch fallback={<div class="skeleton is-table" role="status" aria-label="Loading the ground truth" />}>
        <Match when={problem()}>
          {(known) => (
            <ProblemNotice
              problem={known()}
              what="The ground truth cannot be loaded"
              onRetry={() => props.truth.retry()}
            />
          )}
        </Match>
        <Match when={props.truth.clip()}>
          {(clip) => <LapTable clip={clip()} passes={props.passes} nowUtc={props.nowUtc} />}
        </Match>
      </Switch>
    </section>
  );
}

function LapTable(props: {
  readonly clip: TruthClip;
  readonly passes: readonly PassEvent[];
  readonly nowUtc: () => number;
}) {
  const [now, setNow] = createSignal(props.nowUtc());
  const clock = setInterval(() => setNow(props.nowUtc()), 1_000);
  onCleanup(() => clearInterval(clock));
  const rows = () => lastLap(props.clip, props.passes, now());
  const summary = () => summarise(rows());
  /** The row stays where it is while its figures change. */
  const row = (id: string) => rows().find(({ played }) => played.truth.id === id);
  return (
    <>
      <p class="truth-summary" data-testid="truth-summary">
        <span>
          <strong>
            {summary().found} of {summary().passes}
          </strong>{' '}
          passes found
        </span>
        <span>
          <strong>
            {summary().sameVerdicts} of {summary().found}
          </strong>{' '}
          verdicts right
        </span>
        <MeanError name="standing" value={summary().meanError.stood} unit="s" digits={2} />
        <MeanError name="slowest" value={summary().meanError.slowest} unit={props.clip.units} digits={1} />
        <MeanError name="approach" value={summary().meanError.approach} unit={props.clip.units} digits={1} />
      </p>
      <div class="table-scroll">
        <table class="truth-table">
          <thead>
            <tr>
              <th scope="col">Pass</th>
              <th scope="col">Verdict</th>
              <th scope="col">Stood</th>
              <th scope="col">Slowest</th>
              <th scope="col">Approach</th>
            </tr>
          </thead>
          <tbody>
            <For each={props.clip.passes.map(({ id }) => id)}>
              {(id) => <Show when={row(id)}>{(known) => <TruthRow row={known()} />}</Show>}
            </For>
          </tbody>
        </table>
      </div>
      <p class="truth-note">
        The clip is {props.clip.durationS} s long, now at {clipTime(props.clip, now()).toFixed(0)} s. Each pass as it
        was last seen: measured with its interval, the truth of the scene that was rendered, and the difference; a tick
        says that the truth lies in the interval.
      </p>
    </>
  );
}

function MeanError(props: {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly digits: number;
}) {
  return (
    <Show when={props.value !== null}>
      <span>
        {props.name} off by{' '}
        <strong>
          {props.value?.toFixed(props.digits)} {props.unit}
        </strong>
      </span>
    </Show>
  );
}

function TruthRow(props: { readonly row: LapRow }) {
  const time = useSiteTime();
  const truth = () => props.row.played.truth;
  const quantity = (key: Quantity['key']) => props.row.comparison?.quantities.find((one) => one.key === key);
  return (
    <tr data-testid="truth-row" data-pass={truth().id} data-found={props.row.pass !== null}>
      <th scope="row">
        {capitalise(truth().vehicle)}
        <span class="truth-when">
          <Show when={props.row.pass}>{(pass) => <>#{pass().track_id} · </>}</Show>
          {time.clock(props.row.played.enteredUtc)}
        </span>
      </th>
      <td data-name="Verdict">
        <TruthVerdict row={props.row} />
      </td>
      <Show
        when={props.row.comparison}
        fallback={
          <td class="truth-missing" colspan={3}>
            not measured in this lap
          </td>
        }
      >
        <For each={['stood', 'slowest', 'approach'] as const}>
          {(key) => (
            <td data-name={quantity(key)?.name}>
              <Show when={quantity(key)}>{(one) => <TruthFigure quantity={one()} hasInterval />}</Show>
            </td>
          )}
        </For>
      </Show>
    </tr>
  );
}

function TruthVerdict(props: { readonly row: LapRow }) {
  const measured = () => props.row.pass?.verdict;
  const exact = () => props.row.played.truth.verdict;
  return (
    <span class="truth-verdict">
      <VerdictIcon verdict={measured() ?? exact()} />
      <span>
        {VERDICT_WORDS[measured() ?? exact()]}
        <Show when={measured() !== undefined && measured() !== exact()}>
          <span class="truth-exact is-outside"> truth {VERDICT_WORDS[exact()].toLowerCase()}</span>
        </Show>
      </span>
    </span>
  );
}
