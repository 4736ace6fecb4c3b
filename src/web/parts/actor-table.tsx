/** Every actor in one row: a table on wide screens, cards on narrow ones (the same elements, laid out differently). */
import { For, Show } from 'solid-js';
import type { ActorStatus } from '../../rpc/control.ts';
import { actorHealth } from '../live/flow.ts';
import type { ActorRates } from '../live/rates.ts';
import { capitalise, formatCount, formatMs, formatRate } from './format.ts';
import { Icon } from './icon.tsx';
import { Notice } from './notice.tsx';

export interface ActorTableProps {
  /** undefined: not known yet. */
  readonly actors: readonly ActorStatus[] | undefined;
  readonly rates: ReadonlyMap<string, ActorRates>;
  /** Whether the restart buttons are there. */
  readonly isAdmin: boolean;
  /** Restarts under way. */
  readonly restarting: ReadonlySet<string>;
  readonly onRestart: (actor: string) => void;
}

/** A heartbeat older than this is worth a look; the watchdog acts later. */
const OLD_HEARTBEAT_MS = 2_000;

export function ActorTable(props: ActorTableProps) {
  const names = () => props.actors?.map(({ name }) => name) ?? [];
  return (
    <Show
      when={props.actors}
      fallback={<div class="skeleton is-table" role="status" aria-label="Loading the actors" />}
    >
      <Show
        when={names().length > 0}
        fallback={
          <Notice icon="activity" title="No actor runs" testId="actors-empty">
            The supervisor has not started any room yet.
          </Notice>
        }
      >
        <div class="table-scroll">
          <table class="actors" classList={{ 'has-actions': props.isAdmin }}>
            <thead>
              <tr>
                <th scope="col">Actor</th>
                <th scope="col">State</th>
                <th scope="col" class="is-number">
                  Heartbeat
                </th>
                <th scope="col" class="is-number">
                  In
                </th>
                <th scope="col" class="is-number">
                  Out
                </th>
                <th scope="col" class="is-number">
                  Dropped
                </th>
                <th scope="col" class="is-number">
                  Skipped
                </th>
                <th scope="col" class="is-number">
                  Errors
                </th>
                <th scope="col" class="is-number">
                  Waiting
                </th>
                <th scope="col" class="is-number">
                  Latency
                </th>
                <th scope="col" class="is-number">
                  Restarts
                </th>
                <th scope="col">
                  <span class="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              <For each={names()}>
                {(name) => (
                  <Show when={props.actors?.find((one) => one.name === name)}>
                    {(actor) => (
                      <ActorRow
                        actor={actor()}
                        rates={props.rates.get(name)}
                        isAdmin={props.isAdmin}
                        isRestarting={props.restarting.has(name)}
                        onRestart={() => props.onRestart(name)}
                      />
                    )}
                  </Show>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
    </Show>
  );
}

/** What was lost on the way from the camera; null when nothing was. */
function losses({ lostPackets = 0, skippedUnits = 0, damaged = 0 }: ActorStatus): string | null {
  const parts: string[] = [];
  if (lostPackets + skippedUnits > 0) {
    parts.push(`${formatCount(lostPackets)} packets lost, ${formatCount(skippedUnits)} frames unusable`);
  }
  if (damaged > 0) parts.push(`${formatCount(damaged)} pictures damaged`);
  return parts.length > 0 ? parts.join(', ') : null;
}

interface ActorRowProps {
  readonly actor: ActorStatus;
  readonly rates: ActorRates | undefined;
  readonly isAdmin: boolean;
  readonly isRestarting: boolean;
  readonly onRestart: () => void;
}

function ActorRow(props: ActorRowProps) {
  const room = () => props.actor.name.split(':')[0] ?? props.actor.name;
  const camera = () => props.actor.name.split(':')[1];
  const isOld = () => (props.actor.heartbeatAgeMs ?? 0) > OLD_HEARTBEAT_MS;
  return (
    <tr
      data-testid="actor-row"
      data-actor={props.actor.name}
      data-state={props.actor.state}
      data-generation={props.actor.generation}
    >
      <th scope="row" class="actor-name">
        {capitalise(room())}
        <Show when={camera()}>
          <span class="actor-camera">{camera()}</span>
        </Show>
        <Show when={losses(props.actor)}>
          {(words) => (
            <span class="cell-rate is-warning" data-field="losses">
              {words()}
            </span>
          )}
        </Show>
      </th>
      <td data-name="State" class="actor-state">
        <span class={`state is-${actorHealth(props.actor)}`}>
          <span class="dot" />
          {props.actor.state}
        </span>
      </td>
      <td data-name="Heartbeat" class="is-number" classList={{ 'is-warning': isOld() }} data-field="heartbeat">
        {formatMs(props.actor.heartbeatAgeMs)}
      </td>
      <Counter name="In" total={props.actor.in} rate={props.rates?.in} />
      <Counter name="Out" total={props.actor.out} rate={props.rates?.out} />
      <Counter name="Dropped" total={props.actor.dropped} rate={props.rates?.dropped} isLoss />
      <Counter name="Skipped" total={props.actor.skipped} rate={props.rates?.skipped} isLoss />
      <td data-name="Errors" class="is-number" classList={{ 'is-bad': props.actor.errors > 0 }} data-field="errors">
        {formatCount(props.actor.errors)}
      </td>
      <td data-name="Waiting" class="is-number" data-field="waiting">
        {formatCount(props.actor.waiting)}
      </td>
      <td data-name="Latency" class="is-number" data-field="latency">
        {formatMs(props.actor.latencyMs)}
      </td>
      <td data-name="Restarts" class="is-number" data-field="restarts" title={`Generation ${props.actor.generation}`}>
        {props.actor.restarts}
        <span class="cell-rate">gen {props.actor.generation}</span>
      </td>
      <td class="actor-action">
        <Show when={props.isAdmin}>
          <button
            type="button"
            class="button is-small"
            data-testid="restart"
            disabled={props.isRestarting}
            aria-label={`Restart ${props.actor.name}`}
            onClick={() => props.onRestart()}
          >
            <Icon name="restart" class={props.isRestarting ? 'is-turning' : ''} />
            {props.isRestarting ? 'Restarting' : 'Restart'}
          </button>
        </Show>
      </td>
    </tr>
  );
}

function Counter(props: {
  readonly name: string;
  readonly total: number;
  readonly rate: number | undefined;
  readonly isLoss?: boolean;
}) {
  const isLosing = () => props.isLoss === true && (props.rate ?? 0) >= 0.05;
  return (
    <td
      data-name={props.name}
      class="is-number"
      classList={{ 'is-warning': isLosing() }}
      data-field={props.name.toLowerCase()}
    >
      {formatCount(props.total)}
      <span class="cell-rate">
        {props.rate === undefined || (props.isLoss && !isLosing()) ? '' : `${formatRate(props.rate)}/s`}
      </span>
    </td>
  );
}
