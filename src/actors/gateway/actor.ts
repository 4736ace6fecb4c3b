/**
 * The gateway's room: everything that leaves the analyzer for a browser, a script or a monitor passes here. Drains
 * `tracks:<camera>` (the bytes to send) and `signals:<camera>`; serves HTTP, tRPC and WebSockets between two pieces of
 * work, on the same event loop.
 *
 *   in:  tracks:<camera> (RECORD.live), signals:<camera> (RECORD.signal), the status board
 *   out: WebSocket clients, HTTP
 *   row: in = records drained · out = live messages sent · dropped = live messages slow viewers lost
 *        gauge0 = port · gauge1 = live clients
 *        inNative = 1 while the server is open: ending the thread by force then would abort the whole process
 */
import type { TemplatedApp } from 'uWebSockets.js';
import { StopsignError } from '../../errors.ts';
import type { SystemStatus } from '../../rpc/api/types.ts';
import type { LiveEvent, LiveFrame, StreamSignal } from '../../rpc/live.ts';
import { RECORD, tryDecodeRecord } from '../../rpc/records.ts';
import type { RecordRingReader } from '../../shm/record-ring.ts';
import type { Actor } from '../runtime/actor.ts';
import type { Room } from '../runtime/room.ts';
import { Gatekeeper } from './access.ts';
import { apiPorts } from './api-ports.ts';
import { Broadcast } from './broadcast.ts';
import { CameraChannel } from './camera-channel.ts';
import { databaseState } from './database-state.ts';
import { HttpRoutes } from './http-routes.ts';
import { listen } from './listen.ts';
import { LiveRoute } from './live-route.ts';
import { MediaProxy } from './media-proxy.ts';
import type { PassStore } from './ports.ts';
import { RecentPasses } from './recent-passes.ts';
import { Sessions } from './sessions.ts';
import { type GatewaySettings, gatewaySettingsSchema } from './settings.ts';
import { StaticFiles } from './static-files.ts';
import { type StatusSource, systemStatus } from './system-status.ts';
import { TruthFiles } from './truth-files.ts';
import type { Uws } from './uws.ts';

/** Records of one ring in one piece of work: HTTP waits no longer than these take. */
const DRAIN_LIMIT = 64;
const TICK_US = 1_000_000;

interface Feed {
  readonly channel: CameraChannel;
  readonly tracks: RecordRingReader;
  readonly signals: RecordRingReader;
}

export interface GatewayAdapters {
  readonly uws: Uws;
  readonly store: PassStore;
}

export class Gateway implements Actor {
  readonly name: string;
  private readonly room: Room<GatewaySettings>;
  private readonly adapters: GatewayAdapters;
  private readonly settings: GatewaySettings;
  private readonly channels: ReadonlyMap<string, CameraChannel>;
  private readonly feeds: readonly Feed[];
  private readonly recent = new RecentPasses();
  private readonly statuses = new Broadcast<SystemStatus>();
  private readonly source: StatusSource;
  private app: TemplatedApp | null = null;
  private http: HttpRoutes | null = null;
  private lastTickUs = 0;

  constructor(room: Room<GatewaySettings>, adapters: GatewayAdapters) {
    this.name = room.name;
    this.room = room;
    this.adapters = adapters;
    this.settings = parseSettings(room.settings);
    this.feeds = this.settings.cameras.map((camera) => ({
      channel: new CameraChannel(camera, room.board),
      tracks: room.recordReader(`tracks:${camera.name}`),
      signals: room.recordReader(`signals:${camera.name}`),
    }));
    this.channels = new Map(this.feeds.map(({ channel }) => [channel.camera.name, channel]));
    this.source = {
      board: room.board,
      channels: [...this.channels.values()],
      ringReports: room.ringReports,
      settings: this.settings,
      startedUs: room.clock.nowUs(),
    };
  }

  /** @throws StopsignError PORT_TAKEN, BAD_CONFIG */
  async onStart(): Promise<void> {
    const { room, settings, channels, recent, statuses, source } = this;
    const { uws, store } = this.adapters;
    const { clock, log, supervisor } = room;
    if (!supervisor) throw new StopsignError('INTERNAL', 'The gateway was given no line to the supervisor.');
    const sessions = new Sessions(settings.adminToken, () => clock.nowUs() / 1000);
    const gatekeeper = new Gatekeeper(sessions, settings.viewers);
    const status = () => systemStatus(source, clock.nowUs());
    const ports = apiPorts({
      self: room.name,
      channels,
      store,
      recent,
      sessions,
      supervisor,
      statuses,
      clock,
      log,
      status,
    });
    const media = new MediaProxy(settings.hub, channels.keys());
    const files = new StaticFiles(settings.webDir);
    const truths = new TruthFiles(settings.cameras);
    const http = new HttpRoutes({ source, ports, gatekeeper, media, files, truths, clock, log });
    const app = uws.App();
    this.app = app;
    this.http = http;
    new LiveRoute({ channels, gatekeeper, clock, allowOrigins: settings.allowOrigins }).mount(app);
    http.mount(app);
    try {
      room.row.set('gauge0', await listen(uws, app, settings.host, settings.port));
    } catch (error) {
      this.closeApp();
      throw error;
    }
    room.row.set('inNative', 1);
    log.info({ host: settings.host, port: room.row.get('gauge0') }, 'listening');
  }

  doWork(): number {
    let moved = 0;
    for (const feed of this.feeds) moved += this.drain(feed);
    const nowUs = this.room.clock.nowUs();
    // Either way: the clock may have been set back, and viewers must not wait until it has caught up.
    if (Math.abs(nowUs - this.lastTickUs) >= TICK_US) this.tick(nowUs);
    return moved;
  }

  async onClose(): Promise<void> {
    this.closeApp();
    await this.adapters.store.close();
  }

  onExit(): void {
    this.closeApp();
  }

  /** Without `close` uWebSockets.js aborts the process when the thread ends. */
  private closeApp(): void {
    this.app?.close();
    this.app = null;
    this.room.row.set('inNative', 0);
  }

  private drain({ channel, tracks, signals }: Feed): number {
    const { clock, row } = this.room;
    const heard = signals.drain((type, payload) => {
      if (type !== RECORD.signal) return;
      const signal = tryDecodeRecord<StreamSignal>(payload);
      if (signal) channel.signal(signal);
      else row.add('errors');
    }, DRAIN_LIMIT);
    const sent = tracks.drain((type, payload) => {
      if (type !== RECORD.live) return;
      const message = tryDecodeRecord<LiveFrame | LiveEvent>(payload);
      if (!message) {
        row.add('errors');
        return;
      }
      const pass = channel.publish(message, payload.slice(), clock.nowUs());
      if (pass) this.recent.add(pass);
    }, DRAIN_LIMIT);
    if (heard + sent > 0) {
      row.add('in', heard + sent);
      row.set('lastInUs', clock.nowUs());
    }
    if (sent > 0) row.set('lastOutUs', clock.nowUs());
    return heard + sent;
  }

  private tick(nowUs: number): void {
    const { row, board } = this.room;
    this.lastTickUs = nowUs;
    const database = databaseState(board);
    for (const channel of this.channels.values()) channel.tick(nowUs, database);
    const figures = [...this.channels.values()].map((channel) => channel.figures(nowUs));
    const sum = (key: 'sent' | 'dropped' | 'viewers'): number => figures.reduce((total, f) => total + f[key], 0);
    row.set('out', sum('sent'));
    row.set('dropped', sum('dropped'));
    row.set('gauge1', sum('viewers'));
    row.set('latencyUs', Math.max(0, ...figures.map((f) => f.decodeToSend.p50 ?? 0)) * 1000);
    this.http?.tidy(nowUs / 1000);
    this.statuses.publish(systemStatus(this.source, nowUs));
  }
}

function parseSettings(settings: unknown): GatewaySettings {
  const parsed = gatewaySettingsSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw new StopsignError('BAD_CONFIG', `The gateway's settings are wrong: ${parsed.error.message}`);
}
