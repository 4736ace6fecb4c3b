/** Switches the truth of the clip on and off; only there where a camera has one. */
import { Icon } from './icon.tsx';

export function TruthToggle(props: { readonly isOn: boolean; readonly onToggle: () => void }) {
  return (
    <button
      type="button"
      class="toggle is-truth"
      data-testid="truth-toggle"
      aria-pressed={props.isOn}
      aria-keyshortcuts="G"
      aria-label="Show ground truth"
      title="Show ground truth (G)"
      onClick={() => props.onToggle()}
    >
      <Icon name="truth" />
      <span>
        <span class="is-roomy">Ground </span>truth
      </span>
    </button>
  );
}
