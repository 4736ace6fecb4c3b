/** The list of keys, opened by `?`. */
import { For } from 'solid-js';
import { Dialog } from './dialog.tsx';

const KEYS: readonly (readonly [key: string, does: string])[] = [
  ['1 2 3', 'Live, Passes, Admin'],
  ['B', 'Boxes on or off'],
  ['L', 'Labels on or off'],
  ['Z', 'Stop zone on or off'],
  ['R', 'Trails on or off'],
  ['H', 'Heat map of standing on or off'],
  ['G', 'Ground truth on or off (demo)'],
  ['D', 'How good is the picture?'],
  ['F', 'Full screen'],
  ['P', 'Picture in its own window'],
  ['T', 'Light, dark, system'],
  ['?', 'This list'],
];

export function ShortcutsHelp(props: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog isOpen={props.isOpen} title="Keyboard shortcuts" onClose={props.onClose}>
      <dl class="keys">
        <For each={KEYS}>
          {([key, does]) => (
            <div>
              <dt>
                <For each={key.split(' ')}>{(one) => <kbd>{one}</kbd>}</For>
              </dt>
              <dd>{does}</dd>
            </div>
          )}
        </For>
      </dl>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={() => props.onClose()}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
