/** Shares of the four verdicts as one bar. The figures stand beside it in words, so it is a picture only. */
import { For } from 'solid-js';
import type { VerdictCounts } from '../../rpc/api/types.ts';
import { VERDICTS } from '../parts/format.ts';

export function StackedBar(props: { readonly counts: VerdictCounts }) {
  return (
    <div class="stacked" aria-hidden="true">
      <For each={VERDICTS}>
        {(verdict) => <span class={`stacked-part is-${verdict}`} style={{ 'flex-grow': props.counts[verdict] }} />}
      </For>
    </div>
  );
}
