/** One measured pass beside its truth: below a pass of the list in short, in the detail as a table. */
import { For, Show } from 'solid-js';
import type { PassEvent, SpeedUnit } from '../../domain/types.ts';
import { comparePass } from '../truth/compare-pass.ts';
import type { TruthPass } from '../truth/truth-clip.ts';
import { VERDICT_WORDS } from './format.ts';
import { Icon } from './icon.tsx';
import { intervalText, TruthDifference } from './truth-figure.tsx';

export interface PassTruthProps {
  readonly pass: PassEvent;
  readonly truth: TruthPass;
  /** Of the truth's speeds. */
  readonly units: SpeedUnit;
}

/** In the columns of the figures above it. */
export function PassTruthLine(props: PassTruthProps) {
  const comparison = () => comparePass(props.pass, props.truth, props.units);
  return (
    <span class="pass-truth" data-testid="pass-truth" data-same-verdict={comparison().isSameVerdict}>
      <For each={comparison().quantities.slice(0, 3)}>
        {(one) => (
          <span class="truth-figure" data-quantity={one.key}>
            <span class="truth-exact">
              truth {one.truth?.toFixed(one.digits)} {one.unit}
            </span>
            <Show when={one.difference !== null}>
              <TruthDifference quantity={one} />
            </Show>
          </span>
        )}
      </For>
      <Show when={!comparison().isSameVerdict}>
        <span class="truth-exact is-outside">truth: {VERDICT_WORDS[props.truth.verdict].toLowerCase()}</span>
      </Show>
    </span>
  );
}

export function PassTruthTable(props: PassTruthProps) {
  const comparison = () => comparePass(props.pass, props.truth, props.units);
  return (
    <section class="detail-truth" aria-labelledby="detail-truth-title" data-testid="detail-truth">
      <h3 id="detail-truth-title" class="card-title">
        Measured and true
      </h3>
      <table class="truth-table is-narrow">
        <thead>
          <tr>
            <th scope="col">
              <span class="sr-only">Quantity</span>
            </th>
            <th scope="col">Measured</th>
            <th scope="col">Truth</th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Verdict</th>
            <td>{VERDICT_WORDS[props.pass.verdict]}</td>
            <td class="truth-exact">{VERDICT_WORDS[props.truth.verdict]}</td>
            <td>
              <span class="truth-difference" classList={{ 'is-outside': !comparison().isSameVerdict }}>
                <Icon name={comparison().isSameVerdict ? 'check' : 'alert'} />
                {comparison().isSameVerdict ? 'same' : 'other'}
              </span>
            </td>
          </tr>
          <For each={comparison().quantities.filter(({ measured, truth }) => measured !== null || truth !== null)}>
            {(one) => (
              <tr data-quantity={one.key}>
                <th scope="row">{one.name}</th>
                <td>
                  {one.measured ? `${one.measured.value.toFixed(one.digits)} ${one.unit}` : '–'}
                  <Show when={one.measured}>
                    {(measured) => <span class="truth-interval"> {intervalText(measured(), one.digits)}</span>}
                  </Show>
                </td>
                <td class="truth-exact">{one.truth === null ? '–' : `${one.truth.toFixed(one.digits)} ${one.unit}`}</td>
                <td>
                  <Show when={one.difference !== null} fallback="–">
                    <TruthDifference quantity={one} />
                  </Show>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}
