/** A failed question to the server, in words, with the time of the next attempt; asks for the token where that is why. */
import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import { createCountdown } from '../live/countdown.ts';
import type { Problem } from '../live/polling.ts';
import { Notice } from './notice.tsx';

export function ProblemNotice(props: {
  readonly problem: Problem;
  readonly what: string;
  readonly onRetry: () => void;
}) {
  const seconds = createCountdown(() => props.problem.retryAtMs);
  return (
    <Show
      when={props.problem.code !== 'UNAUTHORIZED'}
      fallback={
        <Notice
          icon="lock"
          title="This page is not public"
          action={
            <A class="button is-primary" href="/admin">
              Log in
            </A>
          }
        >
          Viewing needs the access token of this installation.
        </Notice>
      }
    >
      <Notice
        icon="alert"
        tone="problem"
        title={props.what}
        testId="problem"
        action={
          <button type="button" class="button" onClick={() => props.onRetry()}>
            Try again now
          </button>
        }
      >
        {props.problem.message} Next attempt {seconds() ? `in ${seconds()} s` : 'now'}.
      </Notice>
    </Show>
  );
}
