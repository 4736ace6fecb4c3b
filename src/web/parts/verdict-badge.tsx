/** A verdict by shape, colour and words. */
import type { Verdict } from '../../domain/types.ts';
import { VERDICT_WORDS } from './format.ts';
import { VerdictIcon } from './icon.tsx';

export function VerdictBadge(props: { readonly verdict: Verdict }) {
  return (
    <span class={`verdict is-${props.verdict}`}>
      <VerdictIcon verdict={props.verdict} />
      {VERDICT_WORDS[props.verdict]}
    </span>
  );
}
