/** Around every page: header, navigation, theme, shortcuts, toasts. */
import { A, type RouteSectionProps, useNavigate } from '@solidjs/router';
import { createSignal, For, Suspense } from 'solid-js';
import { CamerasProvider } from '../live/cameras.tsx';
import { CameraPicker } from '../parts/camera-picker.tsx';
import { Icon, Logo } from '../parts/icon.tsx';
import { createShortcuts } from '../parts/keys.ts';
import { ShortcutsHelp } from '../parts/shortcuts-help.tsx';
import { SiteZoneNote } from '../parts/site-zone-note.tsx';
import { nextTheme, theme } from '../parts/theme.ts';
import { Toasts } from '../parts/toasts.tsx';

const PAGES = [
  { href: '/', name: 'Live', end: true },
  { href: '/passes', name: 'Passes', end: false },
  { href: '/admin', name: 'Admin', end: false },
] as const;

const THEME_ICON = { system: 'system', light: 'sun', dark: 'moon' } as const;

export function Shell(props: RouteSectionProps) {
  const navigate = useNavigate();
  const [isHelpOpen, setHelpOpen] = createSignal(false);
  createShortcuts({
    '1': () => navigate('/'),
    '2': () => navigate('/passes'),
    '3': () => navigate('/admin'),
    t: nextTheme,
    '?': () => setHelpOpen(true),
  });
  return (
    <CamerasProvider>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <header class="header">
        <div class="header-inner">
          <A class="brand" href="/" aria-label="StopSign, live page">
            <Logo />
            <span class="brand-name">StopSign</span>
          </A>
          <nav class="nav" aria-label="Pages">
            <For each={PAGES}>
              {(page) => (
                <A href={page.href} end={page.end} class="nav-link" activeClass="is-active">
                  {page.name}
                </A>
              )}
            </For>
          </nav>
          <div class="header-tools">
            <CameraPicker />
            <button
              type="button"
              class="icon-button is-keyboard-help"
              aria-label="Keyboard shortcuts"
              title="Keyboard shortcuts (?)"
              onClick={() => setHelpOpen(true)}
            >
              <Icon name="keyboard" />
            </button>
            <button
              type="button"
              class="icon-button"
              aria-label={`Theme: ${theme()}. Change it.`}
              title={`Theme: ${theme()} (T)`}
              data-testid="theme-toggle"
              onClick={nextTheme}
            >
              <Icon name={THEME_ICON[theme()]} />
            </button>
          </div>
        </div>
      </header>
      <main id="main" class="main" tabindex="-1">
        <Suspense fallback={<div class="page-loading" role="status" aria-label="Loading the page" />}>
          {props.children}
        </Suspense>
        <SiteZoneNote />
      </main>
      <ShortcutsHelp isOpen={isHelpOpen()} onClose={() => setHelpOpen(false)} />
      <Toasts />
    </CamerasProvider>
  );
}
