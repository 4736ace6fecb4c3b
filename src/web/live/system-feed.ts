/** The whole system's status once a second over server-sent events, with rates; for the admin page. */
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type { SystemStatus } from '../../rpc/api/types.ts';
import { describeFailure } from './polling.ts';
import { type ActorRates, ratesBetween } from './rates.ts';
import { api } from './trpc.ts';

export interface SystemFeed {
  readonly status: Accessor<SystemStatus | null>;
  readonly rates: Accessor<ReadonlyMap<string, ActorRates>>;
  readonly problem: Accessor<{ readonly message: string; readonly code: string | null } | null>;
}

/** Nothing for this long, and the figures on screen are called old. */
const OLD_MS = 5_000;

export function createSystemFeed(): SystemFeed {
  const [status, setStatus] = createSignal<SystemStatus | null>(null);
  const [rates, setRates] = createSignal<ReadonlyMap<string, ActorRates>>(new Map());
  const [problem, setProblem] = createSignal<{ message: string; code: string | null } | null>(null);
  let oldTimer: ReturnType<typeof setTimeout> | undefined;
  const expect = () => {
    clearTimeout(oldTimer);
    oldTimer = setTimeout(() => setProblem({ message: 'The server does not answer.', code: null }), OLD_MS);
  };
  let subscription: { unsubscribe(): void } | null = null;
  let restartTimer: ReturnType<typeof setTimeout> | undefined;
  const subscribe = () => {
    subscription = api.status.watch.subscribe(undefined, {
      onData(next) {
        expect();
        setProblem(null);
        setRates((before) => ratesBetween(status(), next, before));
        setStatus(next);
      },
      onError(error) {
        setProblem(describeFailure(error));
        clearTimeout(restartTimer);
        restartTimer = setTimeout(subscribe, 3_000);
      },
    });
  };
  expect();
  subscribe();
  onCleanup(() => {
    clearTimeout(oldTimer);
    clearTimeout(restartTimer);
    subscription?.unsubscribe();
  });
  return { status, rates, problem };
}
