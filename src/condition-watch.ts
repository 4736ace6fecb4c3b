/**
 * On the analyzer's main thread: what is nobody's crash and still wrong. A camera that sends nothing, one that sends the
 * same picture or pictures of another shape, results that come late for long, damaged input that is passed over, descriptors that have run out. Each
 * condition is one incident, opened and resolved here.
 */
import { closeSync, openSync } from 'node:fs';
import type { Supervisor } from './actors/runtime/supervisor.ts';
import type { IncidentCause } from './rpc/control.ts';

const LOOK_EVERY_MS = 500;
/** A reconnect shorter than this is no incident. */
const SOURCE_GONE_MS = 3_000;
/** From decoded to tracked; the live page calls that degraded. */
const LATENCY_BUDGET_MS = 500;
/** Late for this long; and in time again for as long. */
const LATE_MS = 5_000;
const CALM_MS = 5_000;

export type Conditions = Pick<Supervisor, 'house' | 'openIncident' | 'resolveIncident'>;

export class ConditionWatch {
  private readonly cameras: readonly string[];
  private readonly supervisor: Conditions;
  private readonly nowMs: () => number;
  /** Since when a number of the board has been what it is. */
  private readonly seen = new Map<string, { readonly value: number; readonly sinceMs: number }>();
  private readonly errorsResolved = new Map<string, number>();
  private readonly lateSince = new Map<string, { isLate: boolean; sinceMs: number }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(cameras: readonly string[], supervisor: Conditions, nowMs: () => number = () => performance.now()) {
    this.cameras = cameras;
    this.supervisor = supervisor;
    this.nowMs = nowMs;
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Once; the timer calls it twice a second. */
  look(): void {
    for (const camera of this.cameras) {
      this.lookAtSource(camera);
      this.lookAtPicture(camera);
      this.lookAtShape(camera);
      this.lookAtLatency(camera);
    }
    this.set('supervisor', 'error', !canOpenFiles(), 'the process can open no file and no socket any more');
    const { board } = this.supervisor.house;
    for (const name of board.names) if (name !== 'supervisor') this.lookAtErrors(name);
  }

  private lookAtSource(camera: string): void {
    const name = `decoder:${camera}`;
    const row = this.supervisor.house.board.row(name);
    const silentMs = this.unchangedMs(`${name} in`, row.get('in'));
    const isConnected = row.get('gauge0') === 1;
    const detail = isConnected
      ? `the session with the hub is open, but the camera ${camera} sends nothing`
      : `the hub has no stream of the camera ${camera}`;
    this.set(name, 'source', silentMs > SOURCE_GONE_MS, detail);
  }

  private lookAtPicture(camera: string): void {
    const name = `decoder:${camera}`;
    const sinceUs = this.supervisor.house.board.row(name).get('frozenSinceUs');
    const at = new Date(sinceUs / 1_000).toISOString();
    this.set(name, 'frozen', sinceUs > 0, `the camera ${camera} sends the same picture since ${at}`);
  }

  private lookAtShape(camera: string): void {
    const name = `tracker:${camera}`;
    const isReshaped = this.supervisor.house.board.row(name).get('reshapedSinceUs') > 0;
    const detail = `the camera ${camera} sends pictures of another shape than the calibrated one: its verdicts are suspended`;
    this.set(name, 'shape', isReshaped, detail);
  }

  private lookAtLatency(camera: string): void {
    const { board } = this.supervisor.house;
    const tracker = board.row(`tracker:${camera}`);
    const isFlowing = this.unchangedMs(`tracker:${camera} in`, tracker.get('in')) < LATE_MS;
    const totalMs = tracker.get('latencyUs') / 1_000;
    const isLate = isFlowing && totalMs > LATENCY_BUDGET_MS;
    const inferredMs = board.row('inference').get('latencyUs') / 1_000;
    const stage = inferredMs > totalMs / 2 ? 'inference' : `tracker:${camera}`;
    const nowMs = this.nowMs();
    const before = this.lateSince.get(camera);
    const now = before?.isLate === isLate ? before : { isLate, sinceMs: nowMs };
    this.lateSince.set(camera, now);
    if (nowMs - now.sinceMs < LATE_MS) return;
    const detail = `results of the camera ${camera} come ${Math.round(totalMs)} ms after the picture; the budget is ${LATENCY_BUDGET_MS} ms`;
    if (isLate) this.set(stage, 'latency', true, detail);
    else for (const name of ['inference', `tracker:${camera}`]) this.set(name, 'latency', false, detail);
  }

  /** Errors that did not end the thread: something damaged came in, and was passed over. */
  private lookAtErrors(name: string): void {
    const row = this.supervisor.house.board.row(name);
    const errors = row.get('errors');
    const calmMs = this.unchangedMs(`${name} errors`, errors);
    if (row.state !== 'running') this.errorsResolved.set(name, errors);
    const known = this.errorsResolved.get(name) ?? 0;
    if (errors > known && calmMs < CALM_MS) {
      this.set(name, 'error', true, `something damaged came in and was passed over; ${errors} errors so far`);
    } else if (errors > known) {
      this.errorsResolved.set(name, errors);
      this.set(name, 'error', false, '');
    }
  }

  private unchangedMs(key: string, value: number): number {
    const nowMs = this.nowMs();
    const before = this.seen.get(key);
    if (before?.value === value) return nowMs - before.sinceMs;
    this.seen.set(key, { value, sinceMs: nowMs });
    return 0;
  }

  private set(actor: string, cause: IncidentCause, isOpen: boolean, detail: string): void {
    if (isOpen) this.supervisor.openIncident(actor, cause, detail);
    else this.supervisor.resolveIncident(actor, cause);
  }
}

/** Without descriptors nothing fails at once: what is open works on, and nothing new can begin. */
function canOpenFiles(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return true;
  } catch {
    return false;
  }
}
