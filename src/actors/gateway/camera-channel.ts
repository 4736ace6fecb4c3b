/**
 * One camera's live metadata: what came from its rings goes to its viewers, and once a second they and the console get
 * its LiveStatus. The one place that hands out live messages. Driven by the gateway's actor.
 */
import type { PassEvent } from '../../domain/types.ts';
import type { LiveEvent, LiveFrame, LiveHello, LiveStatus, LiveView, LiveZones, StreamSignal } from '../../rpc/live.ts';
import { encodeRecord, type Sampling } from '../../rpc/records.ts';
import type { StatusBoard } from '../../shm/status-board.ts';
import { judgePipeline } from './judge-pipeline.ts';
import { LatencyWindow, type Percentiles } from './latency-window.ts';
import type { LiveClient } from './live-client.ts';
import { RateMeter } from './rate-meter.ts';
import type { GatewayCamera } from './settings.ts';

/** Capture times kept to tell how old a painted frame was: 20 s at 30 frames a second. */
const REMEMBERED_FRAMES = 600;
/** A `painted` that claims more is a wrong clock, not a measurement. */
const MAX_STALENESS_MS = 60_000;

export interface ChannelFigures {
  readonly viewers: number;
  readonly sent: number;
  readonly dropped: number;
  readonly decodeToSend: Percentiles;
  readonly captureToPaint: Percentiles;
}

export class CameraChannel {
  readonly camera: GatewayCamera;
  readonly zones: LiveZones;
  readonly scaled: { readonly w: number; readonly h: number };
  lastFrameUs = 0;
  latestStatus: LiveStatus | null = null;
  private readonly board: StatusBoard;
  private readonly clients = new Set<LiveClient>();
  private readonly decodeToSend = new LatencyWindow();
  private readonly captureToPaint = new LatencyWindow();
  private readonly decodedRate = new RateMeter();
  private readonly analyzedRate = new RateMeter();
  private readonly captureMsByFrame = new Map<number, number>();
  private stream: Extract<StreamSignal, { kind: 'stream' }> | null = null;
  private view: LiveView | null = null;
  private sampling: Sampling | null = null;
  private analyzed = 0;
  /** Of clients that have left. */
  private past = { sent: 0, dropped: 0 };

  constructor(camera: GatewayCamera, board: StatusBoard) {
    const { image, stop_zone, stop_line } = camera.site;
    this.camera = camera;
    this.board = board;
    this.scaled = { w: image.width, h: image.height };
    this.zones = { stop: stop_zone, stop_line };
  }

  join(client: LiveClient): void {
    this.clients.add(client);
    client.offer(encodeRecord(this.hello()));
    if (this.latestStatus) client.offer(encodeRecord(this.latestStatus));
  }

  leave(client: LiveClient): void {
    if (!this.clients.delete(client)) return;
    this.past = { sent: this.past.sent + client.sent, dropped: this.past.dropped + client.dropped };
  }

  /**
   * @param parsed what the message says
   * @param message the bytes as they came out of the ring, copied: they are sent unchanged
   * @returns the pass, when the message tells of one
   */
  publish(parsed: LiveFrame | LiveEvent, message: Uint8Array, nowUs: number): PassEvent | null {
    if (parsed.type === 'event') {
      for (const client of this.clients) client.offer(message);
      return parsed.event.type === 'pass' ? parsed.event : null;
    }
    this.analyzed += 1;
    this.lastFrameUs = nowUs;
    this.view = parsed.view ?? null;
    this.sampling = parsed.sampling ?? null;
    this.decodeToSend.add(nowUs / 1000, (nowUs - parsed.stages.decoded) / 1000);
    this.remember(parsed);
    for (const client of this.clients) client.offerFrame(message);
    return null;
  }

  signal(signal: StreamSignal): void {
    if (signal.kind === 'stream') {
      this.stream = signal;
      return;
    }
    const { epoch, rtp, utc } = signal;
    const message = encodeRecord({ v: 1, type: 'sr', epoch, rtp, utc });
    for (const client of this.clients) client.offer(message);
  }

  /** A viewer painted `frame` at `atMs` (UTC ms by the server's clock). */
  painted(frame: number, atMs: number, nowUs: number): void {
    const captureMs = this.captureMsByFrame.get(frame);
    if (captureMs === undefined) return;
    const ms = atMs - captureMs;
    if (ms >= 0 && ms <= MAX_STALENESS_MS) this.captureToPaint.add(nowUs / 1000, ms);
  }

  /** Once a second: measures, tells the viewers, disconnects who is too slow. */
  tick(nowUs: number, database: LiveStatus['database']): void {
    const nowMs = nowUs / 1000;
    this.decodedRate.read(nowMs, this.board.row(`decoder:${this.camera.name}`).get('out'));
    this.analyzedRate.read(nowMs, this.analyzed);
    this.latestStatus = this.status(nowUs, database);
    const message = encodeRecord(this.latestStatus);
    for (const client of [...this.clients]) {
      client.offer(message);
      if (client.tick(nowMs) === 'slow') client.socket.end(4408, 'This connection is too slow for live metadata.');
    }
  }

  figures(nowUs: number): ChannelFigures {
    const all = [...this.clients].reduce(
      (sum, { sent, dropped }) => ({ sent: sum.sent + sent, dropped: sum.dropped + dropped }),
      this.past,
    );
    return {
      ...all,
      viewers: this.clients.size,
      decodeToSend: this.decodeToSend.percentiles(nowUs / 1000),
      captureToPaint: this.captureToPaint.percentiles(nowUs / 1000),
    };
  }

  private hello(): LiveHello {
    return { v: 1, type: 'hello', camera: this.camera.name, zones: this.zones, scaled_dimensions: this.scaled };
  }

  private status(nowUs: number, database: LiveStatus['database']): LiveStatus {
    const fps = { decoded: this.decodedRate.perSecond(), analyzed: this.analyzedRate.perSecond() };
    const { p50, p95 } = this.decodeToSend.percentiles(nowUs / 1000);
    // What was said of a camera that has stopped holds no longer.
    const sampling = fps.analyzed > 0 ? this.sampling : null;
    const verdict = judgePipeline({
      board: this.board,
      camera: this.camera.name,
      nowUs,
      fps,
      sampling,
      latencyP95Ms: p95,
    });
    // A gateway that was restarted has missed the decoder's last word: frames say it too.
    const online = this.stream ? this.stream.state === 'online' : fps.decoded > 0;
    const decoderRuns = this.board.row(`decoder:${this.camera.name}`).state === 'running';
    return {
      v: 1,
      type: 'status',
      ts_utc: nowUs / 1e6,
      camera: this.camera.name,
      stream: online && decoderRuns ? 'online' : 'connecting',
      detail: verdict.detail ?? (online ? null : (this.stream?.detail ?? 'Waiting for the first frame.')),
      fps,
      latency_ms: { decode_to_emit_p50: p50, decode_to_emit_p95: p95 },
      pipeline: verdict.pipeline,
      database,
      viewers: this.clients.size,
      ...(this.view && { view: this.view }),
      ...(sampling && { sampling }),
    };
  }

  private remember({ frame, ts_utc }: LiveFrame): void {
    this.captureMsByFrame.set(frame, ts_utc * 1000);
    if (this.captureMsByFrame.size <= REMEMBERED_FRAMES) return;
    const oldest = this.captureMsByFrame.keys().next();
    if (!oldest.done) this.captureMsByFrame.delete(oldest.value);
  }
}
