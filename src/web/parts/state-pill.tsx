/** Live, Connecting, Offline: the stream's state with a dot that moves only while it is live. */
import type { StreamWords } from '../live/stream-words.ts';

export function StatePill(props: { readonly words: StreamWords }) {
  return (
    <span class={`pill is-${props.words.tone}`} data-testid="stream-state" data-state={props.words.tone} role="status">
      <span class="pill-dot" />
      {props.words.label}
    </span>
  );
}
