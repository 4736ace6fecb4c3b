/** One quantity as it was measured and as it truly was: `3.05 s [2.98, 3.12] · truth 3.00 s (+0.05)`. */
import { Show } from 'solid-js';
import type { Interval } from '../../domain/types.ts';
import type { Quantity } from '../truth/compare-pass.ts';
import { Icon } from './icon.tsx';

export function TruthFigure(props: { readonly quantity: Quantity; readonly hasInterval?: boolean }) {
  const shown = (value: number) => value.toFixed(props.quantity.digits);
  return (
    <span class="truth-figure" data-testid="truth-figure" data-quantity={props.quantity.key}>
      <span class="truth-measured">
        <Show when={props.quantity.measured} fallback="–">
          {(measured) => (
            <>
              {shown(measured().value)} {props.quantity.unit}
              <Show when={props.hasInterval}>
                <span class="truth-interval"> {intervalText(measured(), props.quantity.digits)}</span>
              </Show>
            </>
          )}
        </Show>
      </span>
      <span class="truth-exact">
        <Show when={props.quantity.truth !== null} fallback="truth –">
          truth {shown(props.quantity.truth ?? 0)} {props.quantity.unit}
        </Show>
      </span>
      <Show when={props.quantity.difference !== null}>
        <TruthDifference quantity={props.quantity} />
      </Show>
    </span>
  );
}

export function TruthDifference(props: { readonly quantity: Quantity }) {
  const text = () => signed(props.quantity.difference ?? 0, props.quantity.digits);
  return (
    <span
      class="truth-difference"
      classList={{ 'is-outside': props.quantity.isInside === false }}
      title={`The truth lies ${props.quantity.isInside ? 'in' : 'outside of'} the interval that was stated.`}
    >
      <Icon name={props.quantity.isInside ? 'check' : 'alert'} />
      {text()}
      <span class="sr-only">
        {' '}
        {props.quantity.unit} off, {props.quantity.isInside ? 'within' : 'outside of'} the interval
      </span>
    </span>
  );
}

/** `[2.98, 3.12]` */
export function intervalText({ lo, hi }: Interval, digits: number): string {
  return `[${lo.toFixed(digits)}, ${hi.toFixed(digits)}]`;
}

/** `+0.05`, `−0.05`, `±0.00` */
function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return `±${text}`;
  return `${value < 0 ? '−' : '+'}${text}`;
}
