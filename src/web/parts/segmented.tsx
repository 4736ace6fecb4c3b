/** One choice of a few, as a row of radio buttons that look like one control. */
import { createUniqueId, For, Show } from 'solid-js';

export interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly name: string; readonly count?: number }[];
  readonly onChange: (value: T) => void;
  /** Of each option; default `filter`. */
  readonly testId?: string;
}

export function Segmented<T extends string>(props: SegmentedProps<T>) {
  const group = createUniqueId();
  return (
    <fieldset class="segmented">
      <legend class="sr-only">{props.label}</legend>
      <For each={props.options.map(({ value }) => value)}>
        {(value) => {
          const option = () => props.options.find((one) => one.value === value);
          return (
            <label class="segment" data-testid={props.testId ?? 'filter'} data-value={value}>
              <input
                type="radio"
                class="sr-only"
                name={group}
                value={value}
                checked={props.value === value}
                onChange={() => props.onChange(value)}
              />
              <span class="segment-face">
                {option()?.name}
                <Show when={option()?.count !== undefined}>
                  <span class="segment-count">{option()?.count}</span>
                </Show>
              </span>
            </label>
          );
        }}
      </For>
    </fieldset>
  );
}
