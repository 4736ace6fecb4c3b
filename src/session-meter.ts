/**
 * On the analyzer's main thread: once a minute one row of figures for each camera. Reads the status board and the rings'
 * counters only.
 */
import type { Supervisor } from './actors/runtime/supervisor.ts';
import type { SessionMetrics } from './rpc/records.ts';
import type { FrameRingCounts } from './shm/frame-ring-layout.ts';
import type { Clock } from './telemetry/clock.ts';

const EVERY_MS = 60_000;

export class SessionMeter {
  private readonly names: readonly string[];
  private readonly supervisor: Supervisor;
  private readonly clock: Clock;
  private readonly report: (metrics: SessionMetrics) => void;
  private readonly before = new Map<string, { counts: FrameRingCounts; tracked: number }>();
  private timer: NodeJS.Timeout | undefined;
  private fromUs = 0;

  constructor(
    names: readonly string[],
    supervisor: Supervisor,
    clock: Clock,
    report: (metrics: SessionMetrics) => void,
  ) {
    this.names = names;
    this.supervisor = supervisor;
    this.clock = clock;
    this.report = report;
  }

  start(): void {
    this.fromUs = this.clock.nowUs();
    this.timer = setInterval(() => this.measure(), EVERY_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private measure(): void {
    const toUs = this.clock.nowUs();
    for (const camera of this.names) this.report(this.metricsOf(camera, toUs));
    this.fromUs = toUs;
  }

  private metricsOf(camera: string, toUs: number): SessionMetrics {
    const { house } = this.supervisor;
    const counts = house.frameCounts(`frames:${camera}`);
    const tracker = house.board.row(`tracker:${camera}`);
    const tracked = tracker.get('in');
    const last = this.before.get(camera);
    this.before.set(camera, { counts, tracked });
    const since = (cell: keyof FrameRingCounts): number => counts[cell] - (last?.counts[cell] ?? 0);
    const milliseconds = (us: number): number | null => (us > 0 ? us / 1000 : null);
    return {
      camera,
      epoch: house.board.row(`decoder:${camera}`).get('gauge1'),
      fromUtc: this.fromUs / 1e6,
      toUtc: toUs / 1e6,
      framesDecoded: since('offered'),
      framesDropped: since('dropped'),
      framesSkipped: since('skipped'),
      framesTracked: tracked - (last?.tracked ?? 0),
      latencyP50Ms: milliseconds(tracker.get('gauge1')),
      latencyP95Ms: milliseconds(tracker.get('gauge2')),
    };
  }
}
