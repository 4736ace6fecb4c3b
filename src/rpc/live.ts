/** The WebSocket wire, `/ws/metadata?camera=NAME`: JSON text messages. See docs/wire.md; version 1. */
import type { StopsignEvent, TrackView } from '../domain/types.ts';
import type { Sampling, Stages } from './records.ts';

/** One processed frame. bbox is in `scaled_dimensions` pixels; `stages` are UTC µs. */
export interface LiveFrame {
  readonly v: 1;
  readonly type: 'frame';
  readonly ts_utc: number;
  readonly frame: number;
  readonly epoch: number;
  readonly rtp: number;
  readonly tracks: readonly TrackView[];
  /** Only on connect and on change. */
  readonly zones?: LiveZones;
  readonly raw_dimensions: { readonly w: number; readonly h: number };
  readonly scaled_dimensions: { readonly w: number; readonly h: number };
  /** Only while verdicts are suspended. */
  readonly view?: LiveView;
  /** Only while frames are left out on purpose. */
  readonly sampling?: Sampling;
  readonly stages: Stages;
}

/** Verdicts are suspended: the camera does not show what it was calibrated on. */
export interface LiveView {
  readonly state: 'moved' | 'blocked' | 'reshaped';
  readonly since_utc: number;
  /** In words. */
  readonly sentence: string;
}

/** Site geometry in `scaled_dimensions` pixels. */
export interface LiveZones {
  readonly stop: readonly (readonly [number, number])[];
  readonly stop_line: readonly (readonly [number, number])[];
}

/** Sent to each client when it connects, before any frame. */
export interface LiveHello {
  readonly v: 1;
  readonly type: 'hello';
  readonly camera: string;
  readonly zones: LiveZones;
  readonly scaled_dimensions: { readonly w: number; readonly h: number };
}

/** An RTCP sender report of the camera's session: rtp (90 kHz) was captured at utc (seconds). */
export interface LiveSenderReport {
  readonly v: 1;
  readonly type: 'sr';
  readonly epoch: number;
  readonly rtp: number;
  readonly utc: number;
}

export interface LiveEvent {
  readonly v: 1;
  readonly type: 'event';
  readonly event: StopsignEvent;
}

/** `online`: frames arrive. `connecting`: no frame now; `detail` says why in words. */
export type StreamState = 'connecting' | 'online';

/** Once a second. */
export interface LiveStatus {
  readonly v: 1;
  readonly type: 'status';
  readonly ts_utc: number;
  readonly camera: string;
  readonly stream: StreamState;
  readonly detail: string | null;
  /** Frames per second over the last second or so. */
  readonly fps: { readonly decoded: number; readonly analyzed: number };
  /** Milliseconds over the last 10 s, null without frames. */
  readonly latency_ms: { readonly decode_to_emit_p50: number | null; readonly decode_to_emit_p95: number | null };
  readonly pipeline: 'ok' | 'degraded' | 'down';
  readonly database: 'ok' | 'spooling' | 'down';
  readonly viewers: number;
  /** As the last frame said; absent while verdicts are given. */
  readonly view?: LiveView;
  /** As the last frame said; absent while every frame is analysed. */
  readonly sampling?: Sampling;
}

export interface LivePong {
  readonly v: 1;
  readonly type: 'pong';
  /** Echo of the client's `t0`, and the server's UTC, both ms. */
  readonly t0: number;
  readonly t1: number;
}

export type ServerMessage = LiveFrame | LiveHello | LiveSenderReport | LiveEvent | LiveStatus | LivePong;

export type ClientMessage =
  | { readonly type: 'ping'; readonly t0: number }
  | { readonly type: 'painted'; readonly frame: number; readonly at: number };

/** decoder → gateway, in the `signals` ring. */
export type StreamSignal =
  | { readonly kind: 'sr'; readonly epoch: number; readonly rtp: number; readonly utc: number }
  | { readonly kind: 'stream'; readonly state: StreamState; readonly detail: string | null };
