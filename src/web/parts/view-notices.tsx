/** Cameras that no longer show what they were calibrated on: what happened, and the admin's word that it is all right. */
import { createSignal, For, Show } from 'solid-js';
import type { LiveStatus } from '../../rpc/live.ts';
import { describeFailure } from '../live/polling.ts';
import { api } from '../live/trpc.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { Icon } from './icon.tsx';
import { toast } from './toasts.tsx';

export interface ViewNoticesProps {
  readonly cameras: readonly LiveStatus[];
  readonly isAdmin: boolean;
}

export function ViewNotices(props: ViewNoticesProps) {
  const [asked, setAsked] = createSignal<string | null>(null);
  const suspended = () => props.cameras.filter(({ view }) => view !== undefined);
  const confirm = async (camera: string) => {
    setAsked(null);
    try {
      await api.admin.confirmView.mutate({ camera, as: 'same' });
      toast('good', `The present view of ${camera} is taken as the right one; verdicts resume.`);
    } catch (error) {
      toast('problem', `The view of ${camera} was not confirmed: ${describeFailure(error).message}`);
    }
  };
  return (
    <>
      <For each={suspended()}>
        {(status) => (
          <div class="banner" role="alert" data-testid="view-notice" data-camera={status.camera}>
            <Icon name="camera" />
            <span>
              {status.camera}: {status.view?.sentence} Until somebody says what is right, its passes are indeterminate.
              <Show when={!props.isAdmin}> Log in below to do so.</Show>
            </span>
            <Show when={props.isAdmin}>
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
        onConfirm={() => void confirm(asked() ?? '')}
        onCancel={() => setAsked(null)}
      />
    </>
  );
}
