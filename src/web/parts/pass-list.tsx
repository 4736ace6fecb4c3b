/** Passes under each other, newest first; skeletons while they load, a sentence when there are none yet. */
import { createMemo, For, Show } from 'solid-js';
import type { PassEvent } from '../../domain/types.ts';
import { matchPasses } from '../truth/match-passes.ts';
import type { TruthClip } from '../truth/truth-clip.ts';
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
  /** Shown beside every pass that it knows; null: not known or not wanted. */
  readonly truth?: TruthClip | null;
}

export function PassList(props: PassListProps) {
  const matches = createMemo(() => (props.truth ? matchPasses(props.truth, props.passes ?? []) : null));
  const truthOf = (pass: PassEvent) => {
    const played = matches()?.get(pass.id);
    return played && props.truth ? { pass: played.truth, units: props.truth.units } : undefined;
  };
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
                  truth={truthOf(pass)}
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
