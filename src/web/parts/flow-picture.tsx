/** Camera → decoder → inference → tracker → persister and gateway, with what flows between them now. */
import { For, Show } from 'solid-js';
import type { FlowStage } from '../live/flow.ts';
import { formatMs, formatRate } from './format.ts';

export function FlowPicture(props: { readonly stages: readonly FlowStage[] }) {
  const stage = (id: FlowStage['id']) => props.stages.find((one) => one.id === id);
  return (
    <div class="flow" role="group" aria-label="The pipeline">
      <For each={['camera', 'decoder', 'inference', 'tracker'] as const}>
        {(id) => (
          <Show when={stage(id)}>
            {(known) => (
              <>
                <FlowNode stage={known()} />
                <FlowEdge perSecond={known().perSecond} isFork={id === 'tracker'} />
              </>
            )}
          </Show>
        )}
      </For>
      <div class="flow-ends">
        <For each={['persister', 'gateway'] as const}>
          {(id) => <Show when={stage(id)}>{(known) => <FlowNode stage={known()} />}</Show>}
        </For>
      </div>
    </div>
  );
}

function FlowNode(props: { readonly stage: FlowStage }) {
  return (
    <div class={`flow-node is-${props.stage.health}`} data-testid="flow-node" data-stage={props.stage.id}>
      <span class="flow-name">
        <span class="dot" />
        {props.stage.name}
      </span>
      <span class="flow-detail">{props.stage.detail}</span>
      <span class="flow-latency">
        <Show when={props.stage.latencyMs !== null}>{formatMs(props.stage.latencyMs)}</Show>
        <Show when={props.stage.lostPerSecond >= 0.05}>
          <span class="flow-lost">−{formatRate(props.stage.lostPerSecond)}/s</span>
        </Show>
      </span>
    </div>
  );
}

function FlowEdge(props: { readonly perSecond: number | null; readonly isFork: boolean }) {
  const flows = () => (props.perSecond ?? 0) >= 0.05;
  return (
    <div class="flow-edge" classList={{ 'is-flowing': flows(), 'is-fork': props.isFork }}>
      <span class="flow-rate">{props.perSecond === null ? '' : `${formatRate(props.perSecond)}/s`}</span>
      <span class="flow-line" />
    </div>
  );
}
