/** Restarts and stalls, newest first: what, why, how long. */
import { For, Show } from 'solid-js';
import type { Incident } from '../../rpc/control.ts';
import { formatClock, formatDay, formatMs } from './format.ts';
import { Notice } from './notice.tsx';

const CAUSES: Readonly<Record<Incident['cause'], string>> = {
  exit: 'Thread ended',
  error: 'Error',
  heartbeat: 'No heartbeat',
  stall: 'Stall',
  source: 'Source lost',
  operator: 'Restarted by hand',
  start: 'Start failed',
};

export function Incidents(props: { readonly incidents: readonly Incident[]; readonly nowMs: number }) {
  return (
    <Show
      when={props.incidents.length > 0}
      fallback={
        <Notice icon="check" title="No incident" testId="incidents-empty">
          Restarts and stalls are listed here with their cause.
        </Notice>
      }
    >
      <ol class="incidents">
        <For each={props.incidents}>
          {(incident) => (
            <li
              class="incident"
              classList={{ 'is-open': incident.resolvedUtc === null, 'is-calm': incident.cause === 'operator' }}
              data-testid="incident"
              data-actor={incident.actor}
              data-cause={incident.cause}
            >
              <span class="incident-head">
                <span class="dot" />
                <span class="incident-cause">{CAUSES[incident.cause] ?? incident.cause}</span>
                <span class="incident-actor">{incident.actor}</span>
                <time class="incident-time">
                  {formatDay(incident.startedUtc, props.nowMs)} {formatClock(incident.startedUtc)}
                </time>
              </span>
              <span class="incident-detail">
                {incident.detail} ·{' '}
                {incident.resolvedUtc === null
                  ? 'still going on'
                  : `over after ${formatMs((incident.resolvedUtc - incident.startedUtc) * 1_000)}`}
              </span>
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}
