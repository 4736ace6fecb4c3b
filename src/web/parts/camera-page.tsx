/** Around a page that is about one camera: loading, no camera, cannot be reached; otherwise the page of the chosen one. */
import { type JSX, Match, Switch } from 'solid-js';
import type { CameraInfo } from '../../rpc/api/types.ts';
import { useCameras } from '../live/cameras.tsx';
import { ProblemNotice } from './problem-notice.tsx';

export interface CameraPageProps {
  /** While the list of cameras is not known. */
  readonly loading: JSX.Element;
  /** Absent: the page goes on loading. */
  readonly noCamera?: () => JSX.Element;
  readonly children: (camera: CameraInfo) => JSX.Element;
}

export function CameraPage(props: CameraPageProps) {
  const cameras = useCameras();
  return (
    <Switch fallback={props.loading}>
      <Match keyed when={cameras.current()}>
        {(camera) => props.children(camera)}
      </Match>
      <Match when={cameras.list.value()?.length === 0 && props.noCamera}>{(noCamera) => noCamera()()}</Match>
      <Match when={cameras.list.problem()}>
        {(problem) => (
          <div class="card is-lonely">
            <ProblemNotice
              problem={problem()}
              what="StopSign cannot be reached"
              onRetry={() => cameras.list.refresh()}
            />
          </div>
        )}
      </Match>
    </Switch>
  );
}
