/** Results of what somebody did, at the edge of the page; read out politely, gone by themselves unless it is an error. */
import { createSignal, For } from 'solid-js';
import { Icon } from './icon.tsx';

interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'problem';
  readonly text: string;
}

const SHOW_MS = 5_000;
const SHOW_PROBLEM_MS = 12_000;
const [toasts, setToasts] = createSignal<readonly Toast[]>([]);
let lastId = 0;

export function toast(tone: Toast['tone'], text: string): void {
  const id = ++lastId;
  setToasts((all) => [...all.slice(-2), { id, tone, text }]);
  setTimeout(() => dismiss(id), tone === 'good' ? SHOW_MS : SHOW_PROBLEM_MS);
}

function dismiss(id: number): void {
  setToasts((all) => all.filter((one) => one.id !== id));
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      <For each={toasts()}>
        {(one) => (
          <div class={`toast is-${one.tone}`} data-testid="toast">
            <Icon name={one.tone === 'good' ? 'check' : 'alert'} />
            <span>{one.text}</span>
            <button type="button" class="icon-button is-small" aria-label="Dismiss" onClick={() => dismiss(one.id)}>
              <Icon name="close" />
            </button>
          </div>
        )}
      </For>
    </div>
  );
}
