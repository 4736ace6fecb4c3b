/** Restarts and stalls, newest first: what, why, how long. */
import { For, Show } from 'solid-js';
import type { Incident } from '../../rpc/control.ts';
import { useSiteTime } from '../live/site-time.ts';
import { formatMs } from './format.ts';
import { Notice } from './notice.tsx';

const CAUSES: Readonly<Record<Incident['cause'], string>> = {
  exit: 'Thread ended',
  error: 'Error',
  heartbeat: 'No heartbeat',
  stall: 'Stall',
  output: 'No output',
  latency: 'Late results',
  delay: 'Held up',
  memory: 'Memory',
  clock: 'Clock set',
  frozen: 'Frozen picture',
  shape: 'Other picture shape',
  process: 'Process ended',
  fault: 'Injected fault',
  source: 'Source lost',
  operator: 'Restarted by hand',
  start: 'Start failed',
};

export function Incidents(props: { readonly incidents: readonly Incident[]; readonly nowMs: number }) {
  const time = useSiteTime();
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
              classList={{
                'is-open': incident.resolvedUtc === null,
                'is-calm': incident.cause === 'operator' || incident.cause === 'fault',
              }}
              data-testid="incident"
              data-actor={incident.actor}
              data-cause={incident.cause}
            >
              <span class="incident-head">
                <span class="dot" />
                <span class="incident-cause">{CAUSES[incident.cause] ?? incident.cause}</span>
                <span class="incident-actor">{incident.actor}</span>
                <time class="incident-time">
                  {time.day(incident.startedUtc, props.nowMs)} {time.clock(incident.startedUtc)}
                </time>
              </span>
              <span class="incident-detail">
                {[incident.detail, howLong(incident), lost(incident)].filter(Boolean).join(' · ')}
              </span>
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}

/** What is told when it is over already has no length. */
function howLong({ startedUtc, resolvedUtc }: Incident): string {
  if (resolvedUtc === null) return 'still going on';
  return resolvedUtc === startedUtc ? '' : `over after ${formatMs((resolvedUtc - startedUtc) * 1_000)}`;
}

function lost({ framesLost }: Incident): string {
  return framesLost ? `${framesLost} ${framesLost === 1 ? 'frame' : 'frames'} not analysed` : '';
}
