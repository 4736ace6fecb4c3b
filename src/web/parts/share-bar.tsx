/** A share on a scale from 0 to 100 with its interval. The figures stand beside it in words, so it is a picture only. */
import { Show } from 'solid-js';

export function ShareBar(props: {
  /** 0 … 1 */
  readonly value: number;
  readonly interval?: { readonly lo: number; readonly hi: number } | undefined;
}) {
  const percent = (share: number) => `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`;
  return (
    <div class="share-bar" aria-hidden="true">
      <Show when={props.interval}>
        {(interval) => (
          <span
            class="share-bar-interval"
            style={{ left: percent(interval().lo), width: percent(interval().hi - interval().lo) }}
          />
        )}
      </Show>
      <span class="share-bar-value" style={{ left: percent(props.value) }} />
    </div>
  );
}
