/** Whole seconds until a moment on the performance clock, counted down once a second; null when there is none. */
import { type Accessor, createEffect, createSignal, onCleanup } from 'solid-js';

export function createCountdown(untilMs: Accessor<number | null>): Accessor<number | null> {
  const [seconds, setSeconds] = createSignal<number | null>(null);
  createEffect(() => {
    const until = untilMs();
    const update = () =>
      setSeconds(until === null ? null : Math.max(0, Math.ceil((until - performance.now()) / 1_000)));
    update();
    if (until === null) return;
    const timer = setInterval(update, 250);
    onCleanup(() => clearInterval(timer));
  });
  return seconds;
}
