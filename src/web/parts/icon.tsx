/** The icons of the page, drawn for it: 20 × 20, stroked in the text's colour, hidden from screen readers. */
const PATHS = {
  sun: 'M10 6.4a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 0 0 0-7.2M10 1.8v1.6M10 16.6v1.6M1.8 10h1.6M16.6 10h1.6M4.2 4.2l1.1 1.1M14.7 14.7l1.1 1.1M4.2 15.8l1.1-1.1M14.7 5.3l1.1-1.1',
  moon: 'M16.5 11.8A6.8 6.8 0 0 1 8.2 3.5a6.8 6.8 0 1 0 8.3 8.3z',
  system: 'M3 4h14v9.5H3zM7 17h6M10 13.5V17',
  keyboard: 'M2.5 5.5h15v9h-15zM5.5 8.4h.01M8.5 8.4h.01M11.5 8.4h.01M14.5 8.4h.01M6.5 11.6h7',
  expand: 'M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4',
  box: 'M4 7V4.8A.8.8 0 0 1 4.8 4H7M13 4h2.2a.8.8 0 0 1 .8.8V7M16 13v2.2a.8.8 0 0 1-.8.8H13M7 16H4.8a.8.8 0 0 1-.8-.8V13',
  label: 'M3 5.8A.8.8 0 0 1 3.8 5h8.4L17 10l-4.8 5H3.8a.8.8 0 0 1-.8-.8zM6.5 10h4',
  trail: 'M3 15.5c3 0 3.5-3 6-3s3.5-4.5 7.5-5M13.5 5l3.5 2.4-2.3 3.4',
  heat: 'M10 2.5c.6 3 4.5 4.6 4.5 9a4.5 4.5 0 0 1-9 0c0-2 1-3.2 1.8-4.2.4 1.2 1 1.8 1.7 2.1-.4-2.6-.2-5 1-6.9z',
  popout: 'M17 9V4.5H3v11h6M11 11h6v4.5h-6z',
  zone: 'M3.5 14.5 6.5 6h8l2 8.5zM10 9.5v1.5',
  truth: 'M3 13.2 13.2 3 17 6.8 6.8 17zM5.9 10.3l1.7 1.7M8.6 7.6l2.4 2.4M11.3 4.9l1.7 1.7',
  restart: 'M16 6.5V3M16 6.5h-3.5M16 6.5A7 7 0 1 0 17 10',
  close: 'M5 5l10 10M15 5 5 15',
  back: 'M11.5 4.5 6 10l5.5 5.5',
  check: 'M4.5 10.5 8.2 14l7.3-8',
  alert: 'M10 3 18 16.5H2zM10 8v3.6M10 14h.01',
  play: 'M6.5 4.2v11.6L16 10z',
  camera: 'M2.5 6h10v8.5h-10zM12.5 9l5-2.5V14l-5-2.5',
  lock: 'M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  list: 'M7 5.5h10M7 10h10M7 14.5h10M3.5 5.5h.01M3.5 10h.01M3.5 14.5h.01',
  activity: 'M2.5 10.5h3l2.5-6 4 11 2.5-5h3',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon(props: { readonly name: IconName; readonly class?: string }) {
  return (
    <svg class={`icon ${props.class ?? ''}`} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[props.name]} />
    </svg>
  );
}

const OCTAGON = 'M6.9 2.5h6.2l4.4 4.4v6.2l-4.4 4.4H6.9l-4.4-4.4V6.9z';
/** Shape tells the verdict as well as colour does. */
const VERDICT_MARKS = {
  full_stop: 'M6.6 10.2 9 12.6l4.6-5',
  rolling_stop: 'M5.8 10.9c1.4-2.4 2.8-2.4 4.2-.9s2.8 1.5 4.2-.9',
  no_stop: 'M6 10h7.6M11 7.2l2.8 2.8-2.8 2.8',
  indeterminate: 'M8 8.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.3M10 13.6h.01',
} as const;

export function VerdictIcon(props: { readonly verdict: keyof typeof VERDICT_MARKS }) {
  return (
    <svg class={`verdict-icon is-${props.verdict}`} viewBox="0 0 20 20" aria-hidden="true">
      <path class="verdict-shape" d={OCTAGON} />
      <path class="verdict-mark" d={VERDICT_MARKS[props.verdict]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path class="logo-face" d="M10.2 2h11.6L30 10.2v11.6L21.8 30H10.2L2 21.8V10.2z" />
      <path class="logo-rim" d="M11.3 4.7h9.4l6.6 6.6v9.4l-6.6 6.6h-9.4l-6.6-6.6v-9.4z" />
      <path class="logo-tick" d="M9.5 16.4l4.4 4.4 8.6-9.2" />
    </svg>
  );
}
