/** The cameras there are and the one being looked at (`?camera=NAME`, else the first), for every page. */
import { useSearchParams } from '@solidjs/router';
import { type Accessor, createContext, createMemo, type ParentProps, useContext } from 'solid-js';
import type { CameraInfo } from '../../rpc/api/types.ts';
import { createPolled, type Polled } from './polling.ts';
import { SiteZone } from './site-time.ts';
import { api } from './trpc.ts';

export interface Cameras {
  readonly list: Polled<readonly CameraInfo[]>;
  readonly current: Accessor<CameraInfo | undefined>;
  choose(name: string): void;
}

const Context = createContext<Cameras>();

export function CamerasProvider(props: ParentProps) {
  const list = createPolled<readonly CameraInfo[]>(() => api.cameras.list.query(), 30_000);
  const [search, setSearch] = useSearchParams<{ camera?: string }>();
  const current = createMemo(
    () => list.value()?.find((camera) => camera.name === search.camera) ?? list.value()?.[0],
    undefined,
    {
      equals: (a, b) =>
        a?.name === b?.name && a?.mediaBase === b?.mediaBase && a?.timeZone === b?.timeZone && a?.truth === b?.truth,
    },
  );
  const cameras: Cameras = { list, current, choose: (camera) => setSearch({ camera }) };
  return (
    <Context.Provider value={cameras}>
      <SiteZone.Provider value={() => current()?.timeZone}>{props.children}</SiteZone.Provider>
    </Context.Provider>
  );
}

export function useCameras(): Cameras {
  const cameras = useContext(Context);
  if (!cameras) throw new Error('useCameras is called outside of CamerasProvider');
  return cameras;
}
