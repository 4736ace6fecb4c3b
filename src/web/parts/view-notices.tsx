/** Cameras that no longer show what they were calibrated on: what happened, and the admin's word that it is all right. */
import { createSignal, For, Show } from 'solid-js';
import type { LiveStatus } from '../../rpc/live.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { Icon } from './icon.tsx';

export interface ViewNoticesProps {
  readonly cameras: readonly LiveStatus[];
  readonly isAdmin: boolean;
  readonly onConfirm: (camera: string) => void;
}

/** What ends it; a shape is right or not, whatever anybody says. */
const isForAdmin = ({ view }: LiveStatus): boolean => view?.state !== 'reshaped';

function untilWhen(status: LiveStatus): string {
  return isForAdmin(status)
    ? 'Until somebody says what is right, its passes are indeterminate.'
    : 'Its passes are indeterminate until the camera sends that shape again; or calibrate it in the new one.';
}

export function ViewNotices(props: ViewNoticesProps) {
  const [asked, setAsked] = createSignal<string | null>(null);
  const suspended = () => props.cameras.filter(({ view }) => view !== undefined);
  const confirm = () => {
    const camera = asked();
    setAsked(null);
    if (camera !== null) props.onConfirm(camera);
  };
  return (
    <>
      <For each={suspended()}>
        {(status) => (
          <div class="banner" role="alert" data-testid="view-notice" data-camera={status.camera}>
            <Icon name="camera" />
            <span>
              {status.camera}: {status.view?.sentence} {untilWhen(status)}
              <Show when={!props.isAdmin && isForAdmin(status)}> Log in below to do so.</Show>
            </span>
            <Show when={props.isAdmin && isForAdmin(status)}>
              <button
                type="button"
                class="button is-small"
                data-testid="confirm-view"
                onClick={() => setAsked(status.camera)}
              >
                The zones still fit
              </button>
            </Show>
          </div>
        )}
      </For>
      <ConfirmDialog
        isOpen={asked() !== null}
        title={`Does the picture of ${asked() ?? ''} fit its zones?`}
        text="Look at the live page first: the stop line and the zone must lie where they are on the street. If they do, the present view is learned as the right one and verdicts resume at once. If they do not, turn the camera back or correct the points in the site configuration."
        action="They fit"
        onConfirm={confirm}
        onCancel={() => setAsked(null)}
      />
    </>
  );
}
