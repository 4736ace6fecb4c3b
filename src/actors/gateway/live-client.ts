/**
 * One viewer of the live metadata. A client that keeps up gets everything at once. One that does not costs nobody else
 * anything: of frames only the newest waits for it, events and sender reports wait in a bounded queue, and after 10 s
 * without any way through it is disconnected. Called by the camera channel and the WebSocket route, gateway's thread.
 *
 * Two signs of not keeping up: bytes that wait in this process, and a ping that is not answered (what the kernels of
 * both sides buffer can be megabytes, minutes of metadata, and does not show up as waiting here).
 */
import type { LiveSocket } from './ports.ts';

const HIGH_WATER_BYTES = 64 * 1024;
const LATE_PONG_MS = 1_500;
const MAX_QUEUED = 256;
export const SLOW_MS = 10_000;

export class LiveClient {
  readonly socket: LiveSocket;
  private readonly queue: Uint8Array[] = [];
  private newestFrame: Uint8Array | null = null;
  private pingSentMs: number | null = null;
  private late = false;
  private slowSinceMs: number | null = null;
  sent = 0;
  dropped = 0;

  constructor(socket: LiveSocket) {
    this.socket = socket;
  }

  /** A frame may be replaced by a newer one while it waits. */
  offerFrame(message: Uint8Array): void {
    if (this.newestFrame) this.dropped += 1;
    this.newestFrame = message;
    this.flush();
  }

  /** Anything else keeps its order and is dropped only when the queue is full. */
  offer(message: Uint8Array): void {
    this.queue.push(message);
    this.flush();
    if (this.queue.length <= MAX_QUEUED) return;
    this.queue.shift();
    this.dropped += 1;
  }

  /** The socket took some of what waited. */
  onDrain(): void {
    this.flush();
  }

  onPong(): void {
    this.pingSentMs = null;
    this.late = false;
    this.flush();
  }

  /** Once a second, also after the clock was set back. `slow`: nothing got through for 10 s, the caller disconnects it. */
  tick(nowMs: number): 'ok' | 'slow' {
    if (this.pingSentMs === null) {
      this.pingSentMs = nowMs;
      this.socket.ping();
    } else {
      this.pingSentMs = Math.min(this.pingSentMs, nowMs);
      this.late ||= nowMs - this.pingSentMs > LATE_PONG_MS;
    }
    this.flush();
    if (!this.heldBack) {
      this.slowSinceMs = null;
      return 'ok';
    }
    this.slowSinceMs = Math.min(this.slowSinceMs ?? nowMs, nowMs);
    return nowMs - this.slowSinceMs > SLOW_MS ? 'slow' : 'ok';
  }

  get heldBack(): boolean {
    return this.late || this.socket.bufferedBytes() > HIGH_WATER_BYTES;
  }

  private flush(): void {
    while (!this.heldBack) {
      const next = this.queue.shift() ?? this.newestFrame;
      if (!next) return;
      if (next === this.newestFrame) this.newestFrame = null;
      this.send(next);
    }
  }

  private send(message: Uint8Array): void {
    this.slowSinceMs = null;
    this.sent += 1;
    this.socket.send(message);
  }
}
