/** Passes under each other, newest first; skeletons while they load, a sentence when there are none yet. */
import { For, Show } from 'solid-js';
import type { PassEvent } from '../../domain/types.ts';
import { Notice } from './notice.tsx';
import { PassItem } from './pass-item.tsx';

export interface PassListProps {
  /** undefined: not known yet. */
  readonly passes: readonly PassEvent[] | undefined;
  readonly hrefOf: (pass: PassEvent) => string;
  readonly emptyTitle: string;
  readonly emptyText: string;
  /** The pass that just happened. */
  readonly freshId?: string | undefined;
  readonly chosenId?: string | undefined;
}

export function PassList(props: PassListProps) {
  return (
    <Show when={props.passes} fallback={<PassSkeletons />}>
      {(passes) => (
        <Show
          when={passes().length > 0}
          fallback={
            <Notice icon="list" title={props.emptyTitle} testId="passes-empty">
              {props.emptyText}
            </Notice>
          }
        >
          <ol class="passes">
            <For each={passes()}>
              {(pass) => (
                <PassItem
                  pass={pass}
                  href={props.hrefOf(pass)}
                  isFresh={pass.id === props.freshId}
                  isChosen={pass.id === props.chosenId}
                />
              )}
            </For>
          </ol>
        </Show>
      )}
    </Show>
  );
}

function PassSkeletons() {
  return (
    <div class="passes" role="status" aria-label="Loading passes">
      <For each={[1, 2, 3, 4, 5]}>
        {() => (
          <div class="pass skeleton-pass">
            <span class="skeleton is-title" />
            <span class="skeleton is-line" />
            <span class="skeleton is-line is-short" />
          </div>
        )}
      </For>
    </div>
  );
}
