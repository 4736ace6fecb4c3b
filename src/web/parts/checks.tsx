/** The answers of /ready, one line each. */
import { For } from 'solid-js';
import type { ReadinessCheck } from '../../rpc/api/types.ts';
import { capitalise, formatAgo } from './format.ts';
import { Icon } from './icon.tsx';

export function Checks(props: { readonly checks: readonly ReadinessCheck[]; readonly nowMs: number }) {
  return (
    <ul class="checks">
      <For each={props.checks}>
        {(check) => (
          <li class="check" classList={{ 'is-ok': check.ok }} data-testid="check" data-ok={check.ok}>
            <span class="check-mark">
              <Icon name={check.ok ? 'check' : 'alert'} />
              <span class="sr-only">{check.ok ? 'ok' : 'not ok'}</span>
            </span>
            <span class="check-name">{capitalise(check.name)}</span>
            <span class="check-detail">{check.detail}</span>
            <span class="check-time">{formatAgo(check.tsUtc, props.nowMs)}</span>
          </li>
        )}
      </For>
    </ul>
  );
}
