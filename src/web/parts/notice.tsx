/** What stands where there is nothing to show: still empty, not reachable, not allowed. */
import { type JSX, Show } from 'solid-js';
import { Icon, type IconName } from './icon.tsx';

export interface NoticeProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: JSX.Element;
  readonly action?: JSX.Element;
  readonly tone?: 'calm' | 'problem';
  readonly testId?: string;
}

export function Notice(props: NoticeProps) {
  return (
    <div class="notice" classList={{ 'is-problem': props.tone === 'problem' }} data-testid={props.testId ?? 'notice'}>
      <span class="notice-icon">
        <Icon name={props.icon} />
      </span>
      <p class="notice-title">{props.title}</p>
      <Show when={props.children}>
        <p class="notice-text">{props.children}</p>
      </Show>
      <Show when={props.action}>
        <div class="notice-action">{props.action}</div>
      </Show>
    </div>
  );
}
