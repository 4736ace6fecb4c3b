/** `/metrics`: the status board, the camera channels and this process as Prometheus families. Gateway's thread. */
import type { Sampling } from '../../rpc/records.ts';
import type { BoardCell } from '../../shm/status-board.ts';
import { ACTOR_STATES } from '../../shm/status-board.ts';
import type { MetricFamily, Sample } from '../../telemetry/metrics.ts';
import type { Percentiles } from './latency-window.ts';
import type { StatusSource } from './system-status.ts';
import { systemStatus } from './system-status.ts';

const COUNTERS: readonly (readonly [BoardCell, string, string])[] = [
  ['in', 'in_total', 'Things an actor took in.'],
  ['out', 'out_total', 'Things an actor gave out.'],
  ['dropped', 'dropped_total', 'Things lost because the next stage was full.'],
  ['skipped', 'skipped_total', 'Frames passed over for a newer one.'],
  ['lostPackets', 'lost_packets_total', 'RTP packets of a camera that never came; of decoders only.'],
  [
    'skippedUnits',
    'skipped_units_total',
    'Access units left out because they build on what was lost; of decoders only.',
  ],
  ['damaged', 'damaged_total', 'Pictures with decoding errors, which are not analysed; of decoders only.'],
  ['errors', 'errors_total', 'Errors an actor counted.'],
  ['restarts', 'restarts_total', 'Times an actor was replaced.'],
];

const SAMPLING_REASONS = ['load', 'empty_road'] as const satisfies readonly Sampling['reason'][];
const DATABASE = ['ok', 'spooling', 'down'] as const;

export function metricsReport(source: StatusSource, nowUs: number): readonly MetricFamily[] {
  return [
    ...actorFamilies(source, nowUs),
    ...ringFamilies(source),
    ...cameraFamilies(source, nowUs),
    ...processFamilies(source, nowUs),
  ];
}

function actorFamilies({ board }: StatusSource, nowUs: number): readonly MetricFamily[] {
  const actors = board.names.filter((name) => name !== 'supervisor');
  const perActor = (read: (actor: string) => number | null): readonly Sample[] =>
    actors.map((actor) => ({ labels: { actor }, value: read(actor) }));
  const ageS = (cell: BoardCell) => (actor: string) => {
    const atUs = board.row(actor).get(cell);
    return atUs === 0 ? null : (nowUs - atUs) / 1e6;
  };
  const gauge = (name: string, help: string, read: (actor: string) => number | null): MetricFamily => {
    return { name: `stopsign_actor_${name}`, help, type: 'gauge', samples: perActor(read) };
  };
  return [
    ...COUNTERS.map(([cell, name, help]): MetricFamily => {
      const samples = perActor((actor) => board.row(actor).get(cell));
      return { name: `stopsign_actor_${name}`, help, type: 'counter', samples };
    }),
    {
      name: 'stopsign_actor_state',
      help: 'One for the state an actor is in, zero for the others.',
      type: 'gauge',
      samples: actors.flatMap((actor) => {
        return ACTOR_STATES.map((state) => ({
          labels: { actor, state },
          value: board.row(actor).state === state ? 1 : 0,
        }));
      }),
    },
    gauge('generation', 'Number of the thread that plays this actor.', (actor) => board.row(actor).get('generation')),
    gauge('heap_bytes', 'JavaScript heap in use of its thread.', (actor) => board.row(actor).get('heapBytes')),
    gauge('external_bytes', 'Buffers outside the heap that hang on it.', (actor) =>
      board.row(actor).get('externalBytes'),
    ),
    gauge('waiting', 'Things that wait to be taken in.', (actor) => board.row(actor).get('waiting')),
    gauge('heartbeat_age_seconds', 'Time since the last heartbeat.', ageS('heartbeatUs')),
    gauge('last_in_age_seconds', 'Time since something was taken in.', ageS('lastInUs')),
    gauge('last_out_age_seconds', 'Time since something was given out.', ageS('lastOutUs')),
    gauge('analysis_seconds', 'Letterbox, model run and decoding of the last frame.', (actor) =>
      actor === 'inference' ? board.row(actor).get('gauge0') / 1e6 : null,
    ),
    gauge('latency_seconds', 'Time the last thing spent in this actor.', (actor) => {
      const us = board.row(actor).get('latencyUs');
      return us === 0 ? null : us / 1e6;
    }),
  ];
}

const IN_FLIGHT: ReadonlySet<string> = new Set(['claimed', 'inRing']);

/** frames: offered = committed + dropped + aborted + claimed, committed = consumed + skipped + inRing; records: written = read + inRing. */
function ringFamilies({ ringReports }: StatusSource): readonly MetricFamily[] {
  const samples = (ringReports?.() ?? []).flatMap(({ ring, counts }) =>
    Object.entries(counts).map(([count, value]) => ({ labels: { ring, count }, value })),
  );
  const some = (accepts: (count: string) => boolean): readonly Sample[] =>
    samples.filter(({ labels }) => accepts(labels.count) && labels.count !== 'bytesInRing');
  const bytes = samples.filter(({ labels }) => labels.count === 'bytesInRing');
  return [
    {
      name: 'stopsign_ring_total',
      help: 'Frames or records at a ring so far, by what became of them.',
      type: 'counter',
      samples: some((count) => !IN_FLIGHT.has(count)),
    },
    {
      name: 'stopsign_ring_in_flight',
      help: 'Frames or records in a ring now.',
      type: 'gauge',
      samples: some((count) => IN_FLIGHT.has(count)),
    },
    {
      name: 'stopsign_ring_bytes',
      help: 'Bytes of the records in a ring now.',
      type: 'gauge',
      samples: bytes.map(({ labels: { ring }, value }) => ({ labels: { ring }, value })),
    },
  ];
}

function cameraFamilies({ channels }: StatusSource, nowUs: number): readonly MetricFamily[] {
  const figures = channels.map((channel) => ({ channel, camera: channel.camera.name, ...channel.figures(nowUs) }));
  type Figure = (typeof figures)[number];
  const family = (
    name: string,
    type: MetricFamily['type'],
    help: string,
    samples: (figure: Figure) => readonly Sample[],
  ): MetricFamily => ({ name: `stopsign_${name}`, type, help, samples: figures.flatMap(samples) });
  const one = (read: (figure: Figure) => number | null) => (figure: Figure) => [
    { labels: { camera: figure.camera }, value: read(figure) },
  ];
  return [
    family('camera_frames_per_second', 'gauge', 'Frames a second, by stage.', ({ channel, camera }) => {
      const fps = channel.latestStatus?.fps;
      return (['decoded', 'analyzed'] as const).map((stage) => ({
        labels: { camera, stage },
        value: fps?.[stage] ?? null,
      }));
    }),
    family(
      'camera_sampled_share',
      'gauge',
      'Share of the frames that the model is meant to look at; below one it cannot keep up, or the road is empty.',
      ({ channel, camera }) => {
        const sampling = channel.latestStatus?.sampling;
        const share = (reason: Sampling['reason']): number =>
          sampling?.reason === reason && sampling.of > 0 ? sampling.fps / sampling.of : 1;
        return SAMPLING_REASONS.map((reason) => ({ labels: { camera, reason }, value: share(reason) }));
      },
    ),
    family(
      'camera_online',
      'gauge',
      'One while frames arrive.',
      one(({ channel }) => (channel.latestStatus?.stream === 'online' ? 1 : 0)),
    ),
    family(
      'camera_last_frame_age_seconds',
      'gauge',
      'Time since the last analysed frame.',
      one(({ channel }) => {
        return channel.lastFrameUs === 0 ? null : (nowUs - channel.lastFrameUs) / 1e6;
      }),
    ),
    family(
      'decode_to_send_seconds',
      'summary',
      'Decoded to sent to the viewers, over 10 s.',
      ({ camera, decodeToSend }) => quantiles(camera, decodeToSend),
    ),
    family(
      'capture_to_paint_seconds',
      'summary',
      'Captured to painted in a browser, over 10 s.',
      ({ camera, captureToPaint }) => quantiles(camera, captureToPaint),
    ),
    family(
      'live_clients',
      'gauge',
      'Open live connections.',
      one(({ viewers }) => viewers),
    ),
    family(
      'live_messages_total',
      'counter',
      'Live messages sent.',
      one(({ sent }) => sent),
    ),
    family(
      'live_dropped_total',
      'counter',
      'Live messages that slow viewers did not get.',
      one(({ dropped }) => dropped),
    ),
  ];
}

function processFamilies(source: StatusSource, nowUs: number): readonly MetricFamily[] {
  const status = systemStatus(source, nowUs);
  const gauge = (name: string, help: string, value: number): MetricFamily => ({
    name,
    help,
    type: 'gauge',
    samples: [{ value }],
  });
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  return [
    gauge('stopsign_ready', 'One while every check of /ready is ok.', status.ready ? 1 : 0),
    {
      name: 'stopsign_database_state',
      help: 'One for the state of the database, zero for the others.',
      type: 'gauge',
      samples: DATABASE.map((state) => ({ labels: { state }, value: status.database === state ? 1 : 0 })),
    },
    {
      name: 'stopsign_info',
      help: 'What runs.',
      type: 'gauge',
      samples: [
        { labels: { version: status.version, model: status.model.name, sha256: status.model.sha256 }, value: 1 },
      ],
    },
    gauge('process_resident_memory_bytes', 'Resident memory of the analyzer.', memory.rss),
    gauge('nodejs_external_memory_bytes', 'External memory of this thread.', memory.external),
    gauge('nodejs_heap_size_used_bytes', 'Heap in use of this thread.', memory.heapUsed),
    {
      name: 'process_cpu_seconds_total',
      help: 'CPU time of the analyzer.',
      type: 'counter',
      samples: [{ value: (cpu.user + cpu.system) / 1e6 }],
    },
    gauge(
      'process_start_time_seconds',
      'When the analyzer started, UTC.',
      Math.round((nowUs / 1e6 - process.uptime()) * 1000) / 1000,
    ),
  ];
}

function quantiles(camera: string, { p50, p95, count }: Percentiles): readonly Sample[] {
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
  return [
    { labels: { camera, quantile: '0.5' }, value: seconds(p50) },
    { labels: { camera, quantile: '0.95' }, value: seconds(p95) },
    { labels: { camera }, suffix: '_count', value: count },
  ];
}
