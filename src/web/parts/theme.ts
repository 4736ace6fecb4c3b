/** Light, dark, or as the system has it. `public/theme.js` applies the kept choice before the first paint. */
import { createSignal } from 'solid-js';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'stopsign.theme';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

const [theme, setSignal] = createSignal<Theme>(kept());

export { theme };

export function nextTheme(): void {
  const chosen = NEXT[theme()];
  setSignal(chosen);
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // storage may be closed to us: the choice then lasts until the page is left
  }
}

function kept(): Theme {
  const now = document.documentElement.dataset['theme'];
  return now === 'light' || now === 'dark' ? now : 'system';
}
