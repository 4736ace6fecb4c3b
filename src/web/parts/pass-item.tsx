/** One pass in a list: what it was, when, how fast, and why it was judged so. */
import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import type { PassEvent, SpeedUnit } from '../../domain/types.ts';
import { useSiteTime } from '../live/site-time.ts';
import type { TruthPass } from '../truth/truth-clip.ts';
import { capitalise, formatSpeed, formatStop } from './format.ts';
import { PassTruthLine } from './pass-truth.tsx';
import { VerdictBadge } from './verdict-badge.tsx';

export interface PassItemProps {
  readonly pass: PassEvent;
  readonly href: string;
  readonly isFresh?: boolean;
  readonly isChosen?: boolean;
  /** What it truly was, where that is known and wanted. */
  readonly truth?: { readonly pass: TruthPass; readonly units: SpeedUnit } | undefined;
}

export function PassItem(props: PassItemProps) {
  const time = useSiteTime();
  return (
    <li
      class="pass"
      classList={{ 'is-fresh': props.isFresh ?? false }}
      data-testid="pass-item"
      data-pass={props.pass.id}
      data-verdict={props.pass.verdict}
    >
      <A class="pass-link" href={props.href} aria-current={props.isChosen ? 'true' : undefined}>
        <span class="pass-head">
          <VerdictBadge verdict={props.pass.verdict} />
          <span class="pass-tags">
            <Show when={props.pass.forced}>
              <span class="tag">behind another</span>
            </Show>
            <Show when={props.pass.encroached}>
              <span class="tag">over the line</span>
            </Show>
            <Show when={!props.pass.complete}>
              <span class="tag">incomplete</span>
            </Show>
          </span>
          <time class="pass-time" dateTime={new Date(props.pass.entered_utc * 1_000).toISOString()}>
            {time.clock(props.pass.entered_utc)}
          </time>
        </span>
        <span class="pass-reason">
          {capitalise(props.pass.vehicle)} #{props.pass.track_id}
          <Show when={props.pass.reason}> · {props.pass.reason}</Show>
        </span>
        <span class="pass-figures">
          <Figure name="Stood" value={formatStop(props.pass)} />
          <Figure name="Slowest" value={formatSpeed(props.pass.min_speed)} />
          <Figure name="Approach" value={formatSpeed(props.pass.approach_speed)} />
        </span>
        <Show when={props.truth}>
          {(truth) => <PassTruthLine pass={props.pass} truth={truth().pass} units={truth().units} />}
        </Show>
      </A>
    </li>
  );
}

function Figure(props: { readonly name: string; readonly value: string }) {
  return (
    <span class="pass-figure">
      <span class="figure-name">{props.name}</span>
      <span class="figure-value">{props.value}</span>
    </span>
  );
}
