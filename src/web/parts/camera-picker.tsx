/** The camera's name; a choice when there are several. */
import { For, Show } from 'solid-js';
import { useCameras } from '../live/cameras.tsx';

export function CameraPicker() {
  const cameras = useCameras();
  const list = () => cameras.list.value() ?? [];
  return (
    <Show when={list().length > 1}>
      <label class="picker">
        <span class="sr-only">Camera</span>
        <select value={cameras.current()?.name ?? ''} onChange={(event) => cameras.choose(event.currentTarget.value)}>
          <For each={list()}>{(camera) => <option value={camera.name}>{camera.siteName || camera.name}</option>}</For>
        </select>
      </label>
    </Show>
  );
}
