/** One camera's live metadata as signals; frames go straight to the overlay, they are too many for signals. */
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type { PassEvent } from '../../domain/types.ts';
import type { LiveFrame, LiveStatus, LiveZones } from '../../rpc/live.ts';
import { LiveSocket, type SocketState } from './live-socket.ts';

export interface FeedHandlers {
  readonly onFrame: (frame: LiveFrame) => void;
  readonly onZones: (zones: LiveZones, scaled: { readonly w: number; readonly h: number }) => void;
  readonly onPass: (pass: PassEvent) => void;
  /** The connection is there again after it was lost: events may have been missed. */
  readonly onReconnect: () => void;
}

export interface CameraFeed {
  readonly socket: Accessor<SocketState>;
  readonly status: Accessor<LiveStatus | null>;
  clockOffsetMs(): number | null;
  /** Of the best clock exchange, ms. */
  rttMs(): number | null;
  painted(frame: number, atMs: number): void;
  retryNow(): void;
}

export function createCameraFeed(camera: string, handlers: FeedHandlers): CameraFeed {
  const [socket, setSocket] = createSignal<SocketState>({ kind: 'connecting' });
  const [status, setStatus] = createSignal<LiveStatus | null>(null);
  let wasOpen = false;
  const url = new URL(`/ws/metadata?camera=${encodeURIComponent(camera)}`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const live = new LiveSocket({
    url: url.href,
    onState: (state) => {
      setSocket(state);
      if (state.kind === 'waiting') setStatus(null);
      if (state.kind !== 'open') return;
      if (wasOpen) handlers.onReconnect();
      wasOpen = true;
    },
    onMessage: (message) => {
      if (message.type === 'frame') handlers.onFrame(message);
      else if (message.type === 'hello') handlers.onZones(message.zones, message.scaled_dimensions);
      else if (message.type === 'status') setStatus(message);
      else if (message.type === 'event' && message.event.type === 'pass') handlers.onPass(message.event);
    },
  });
  const online = () => live.retryNow();
  addEventListener('online', online);
  onCleanup(() => {
    removeEventListener('online', online);
    live.close();
  });
  return {
    socket,
    status,
    clockOffsetMs: () => live.clock.offsetMs,
    rttMs: () => live.clock.rttMs,
    painted: (frame, at) => live.send({ type: 'painted', frame, at }),
    retryNow: () => live.retryNow(),
  };
}
