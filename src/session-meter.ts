/**
 * On the analyzer's main thread: once a minute one row of figures for each camera, and an incident while a camera does
 * not send. Reads the status board and the rings' counters only.
 */
import type { Supervisor } from './actors/runtime/supervisor.ts';
import type { SessionMetrics } from './rpc/records.ts';
import type { FrameRingCounts } from './shm/frame-ring-layout.ts';
import type { Clock } from './telemetry/clock.ts';

const EVERY_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
/** A reconnect shorter than this is no incident. */
const SOURCE_GONE_MS = 10_000;

export class SessionMeter {
  private readonly names: readonly string[];
  private readonly supervisor: Supervisor;
  private readonly clock: Clock;
  private readonly report: (metrics: SessionMetrics) => void;
  private readonly before = new Map<string, { counts: FrameRingCounts; tracked: number }>();
  private readonly arrivals = new Map<string, { readonly units: number; readonly sinceMs: number }>();
  private readonly timers: NodeJS.Timeout[] = [];
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
    this.timers.push(
      setInterval(() => this.measure(), EVERY_MS),
      setInterval(() => this.look(), LOOK_EVERY_MS),
    );
  }

  close(): void {
    for (const timer of this.timers) clearInterval(timer);
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

  private look(): void {
    for (const camera of this.names) {
      const decoder = `decoder:${camera}`;
      const units = this.supervisor.house.board.row(decoder).get('in');
      const last = this.arrivals.get(camera);
      if (last?.units !== units) {
        this.arrivals.set(camera, { units, sinceMs: performance.now() });
        if (last) this.supervisor.resolveIncident(decoder, 'source');
      } else if (performance.now() - last.sinceMs > SOURCE_GONE_MS) {
        this.supervisor.openIncident(decoder, 'source', `the camera ${camera} sends nothing`);
      }
    }
  }
}
