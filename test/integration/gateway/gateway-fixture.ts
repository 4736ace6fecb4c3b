/** A gateway as the supervisor would make it (real rings, real board, real server on a free port), driven by hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import pino from 'pino';
import { Gateway } from '../../../src/actors/gateway/actor.ts';
import type { PassStore } from '../../../src/actors/gateway/ports.ts';
import type { GatewaySettings } from '../../../src/actors/gateway/settings.ts';
import { loadUws } from '../../../src/actors/gateway/uws.ts';
import { Invoker } from '../../../src/actors/runtime/invoker.ts';
import type { PassEvent, Site } from '../../../src/domain/types.ts';
import { StopsignError } from '../../../src/errors.ts';
import type { AppRouter } from '../../../src/rpc/api/router.ts';
import type { SupervisorControl } from '../../../src/rpc/control.ts';
import type { LiveFrame, StreamSignal } from '../../../src/rpc/live.ts';
import { encodeRecord, RECORD } from '../../../src/rpc/records.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { StatusBoard } from '../../../src/shm/status-board.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';
import { FetchEventSource } from '../../support/event-source.ts';
import { until } from '../../support/until.ts';
import { WsClient } from '../../support/ws-client.ts';

export const TOKEN = 'correct horse battery staple';
const CAMERAS = ['front', 'yard'];

export const site: Site = {
  name: 'Test corner',
  units: 'km/h',
  timezone: 'Europe/Berlin',
  image: { width: 1280, height: 720 },
  stop_line: [
    [100, 500],
    [500, 500],
  ],
  approach: [
    [300, 100],
    [300, 500],
  ],
  stop_zone: [
    [100, 400],
    [500, 400],
    [500, 500],
    [100, 500],
  ],
  policy: { stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 },
  vehicles: ['car'],
};

export function passEvent(id: string, over: Partial<PassEvent> = {}): PassEvent {
  return {
    type: 'pass',
    id,
    camera: 'front',
    track_id: 1,
    vehicle: 'car',
    entered_utc: 1000,
    exited_utc: 1005,
    verdict: 'full_stop',
    reason: 'stood 1.5 s',
    forced: false,
    encroached: false,
    complete: true,
    stopped_s: { value: 1.5, lo: 1.4, hi: 1.6 },
    min_speed: { value: 0, lo: 0, hi: 0.5, unit: 'km/h' },
    min_speed_utc: 1003,
    approach_speed: null,
    stop_distance_m: null,
    time_in_zone_s: 5,
    samples: 100,
    config_version: 'v',
    model_sha256: null,
    ...over,
  };
}

/** A database that is away. */
export const noDatabase: PassStore = {
  recentPasses: () => Promise.reject(new StopsignError('DATABASE_UNAVAILABLE', 'The database is away.')),
  passById: () => Promise.reject(new StopsignError('DATABASE_UNAVAILABLE', 'The database is away.')),
  passStats: () => Promise.reject(new StopsignError('DATABASE_UNAVAILABLE', 'The database is away.')),
  sitePasses: () => Promise.reject(new StopsignError('DATABASE_UNAVAILABLE', 'The database is away.')),
  scoredPassById: () => Promise.reject(new StopsignError('DATABASE_UNAVAILABLE', 'The database is away.')),
  recentIncidents: () => Promise.reject(new StopsignError('DATABASE_UNAVAILABLE', 'The database is away.')),
  close: async () => {},
};

export interface GatewayFixtureOptions {
  settings?: Partial<GatewaySettings>;
  store?: Partial<PassStore>;
  supervisor?: Partial<SupervisorControl>;
}

export async function openGateway(options: GatewayFixtureOptions = {}) {
  const emptyDir = await mkdtemp(join(tmpdir(), 'stopsign-web-'));
  const names = ['gateway', 'persister', 'inference', ...CAMERAS.flatMap((c) => [`tracker:${c}`, `decoder:${c}`])];
  const board = new StatusBoard(StatusBoard.allocate(names.length), names);
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  const rings = new Map(
    CAMERAS.flatMap((c) => [`tracks:${c}`, `signals:${c}`]).map((name) => [
      name,
      RecordRing.allocate({ capacity: 2 ** 15 }),
    ]),
  );
  const ring = (name: string): SharedArrayBuffer => rings.get(name) as SharedArrayBuffer;
  let offsetUs = 0;
  const clock = { nowUs: () => systemClock.nowUs() + offsetUs };
  const settings: GatewaySettings = {
    host: '127.0.0.1',
    port: 0,
    allowOrigins: [],
    webDir: emptyDir,
    hub: {
      rtsp: 'rtsp://127.0.0.1:1',
      webrtc: 'http://127.0.0.1:1',
      hls: 'http://127.0.0.1:1',
      api: 'http://127.0.0.1:1',
    },
    cameras: CAMERAS.map((name) => ({ name, site, demo: false, truth: null })),
    databaseUrl: 'postgres://nowhere',
    adminToken: TOKEN,
    viewers: 'public',
    version: '1.2.3',
    model: { name: 'test-model', sha256: 'abc' },
    ...options.settings,
  };
  const supervisor: SupervisorControl = {
    restart: async () => {},
    incidents: async () => [],
    command: async () => {},
    fault: async () => {},
    ...options.supervisor,
  };
  const row = board.row('gateway');
  const gateway = new Gateway(
    {
      name: 'gateway',
      generation: 1,
      settings,
      row,
      board,
      bell,
      log: pino({ level: 'silent' }),
      clock,
      reads: [...rings.keys()],
      writes: [],
      frameReader: () => Promise.reject() as never,
      frameWriter: () => Promise.reject() as never,
      recordReader: (name) => new RecordRingReader(ring(name)),
      recordWriter: (name) => new RecordRingWriter(ring(name), bell),
      supervisor,
    },
    { uws: loadUws(), store: { ...noDatabase, ...options.store } },
  );
  const invoker = new Invoker(gateway, row, clock);
  await invoker.start();
  const beat = (): void => {
    for (const name of names) board.row(name).set('heartbeatUs', clock.nowUs());
  };
  for (const name of names) board.row(name).state = 'running';
  beat();

  const origin = `http://127.0.0.1:${row.get('gauge0')}`;
  let frame = 0;
  const write = (name: string, type: number, value: object): void => {
    if (!new RecordRingWriter(ring(name), bell).tryWrite(type, encodeRecord(value))) throw new Error(`${name} is full`);
  };
  const clients: WsClient[] = [];

  return {
    origin,
    board,
    clock,
    row,
    gateway,
    /** All that waits in the rings, and the tick if it is due. */
    work: () => invoker.invoke(),
    /** Moves the clock and works once: a step of a second is a tick. Other actors keep their heartbeats. */
    async advance(ms: number) {
      offsetUs += ms * 1000;
      beat();
      await invoker.invoke();
    },
    writeFrame(camera = 'front', over: Partial<LiveFrame> = {}): LiveFrame {
      frame += 1;
      const nowUs = clock.nowUs();
      const message: LiveFrame = {
        v: 1,
        type: 'frame',
        ts_utc: nowUs / 1e6,
        frame,
        epoch: 1,
        rtp: frame * 3000,
        tracks: [],
        raw_dimensions: { w: 1280, h: 720 },
        scaled_dimensions: { w: 1280, h: 720 },
        stages: { received: nowUs - 40_000, decoded: nowUs - 20_000 },
        ...over,
      };
      write(`tracks:${camera}`, RECORD.live, message);
      return message;
    },
    /** Bytes that are no message. */
    writeDamaged(camera = 'front') {
      const bytes = Uint8Array.of(0xff, 0xff, 0x7d);
      new RecordRingWriter(ring(`tracks:${camera}`), bell).tryWrite(RECORD.live, bytes);
      new RecordRingWriter(ring(`signals:${camera}`), bell).tryWrite(RECORD.signal, bytes);
    },
    writePass(pass: PassEvent) {
      write(`tracks:${pass.camera}`, RECORD.live, { v: 1, type: 'event', event: pass });
    },
    writeSignal(signal: StreamSignal, camera = 'front') {
      write(`signals:${camera}`, RECORD.signal, signal);
    },
    live(query = 'camera=front', headers: Record<string, string> = {}): WsClient {
      const client = new WsClient(`${origin.replace('http', 'ws')}/ws/metadata?${query}`, headers);
      clients.push(client);
      return client;
    },
    /** Works on until every client has answered its last ping. */
    async settle(...talking: WsClient[]) {
      const pings = talking.map((client) => client.pings);
      await this.advance(1_000);
      await until(() => talking.every((client, i) => client.pings > (pings[i] as number)), { what: 'pings' });
      // The pong has been written; one answered question later it has been read.
      for (const client of talking) {
        const count = client.ofType('pong').length;
        client.send({ type: 'ping', t0: 0 });
        await client.waitFor('pong', count + 1);
      }
    },
    client(headers: Record<string, string> = {}) {
      const setCookies: string[] = [];
      const trpc = createTRPCClient<AppRouter>({
        links: [
          splitLink({
            condition: ({ type }) => type === 'subscription',
            true: httpSubscriptionLink({
              url: `${origin}/trpc`,
              EventSource: FetchEventSource as never,
              eventSourceOptions: () => ({ headers }) as never,
            }),
            false: httpBatchLink({
              url: `${origin}/trpc`,
              headers: () => headers,
              async fetch(url, init) {
                const response = await fetch(url as string, init as RequestInit);
                setCookies.push(...response.headers.getSetCookie());
                return response;
              },
            }),
          }),
        ],
      });
      return { trpc, setCookies };
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      await invoker.close();
      await rm(emptyDir, { recursive: true, force: true });
    },
  };
}

export type GatewayFixture = Awaited<ReturnType<typeof openGateway>>;

/** Logs in and gives the headers of a browser that did. */
export async function adminHeaders(gateway: GatewayFixture): Promise<Record<string, string>> {
  const { trpc, setCookies } = gateway.client();
  await trpc.admin.login.mutate({ token: TOKEN });
  return { cookie: (setCookies[0] as string).split(';')[0] as string };
}
