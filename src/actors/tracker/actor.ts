/**
 * The tracker room: one thread a camera. Detections in; live messages for the gateway and facts for the persister out.
 * All judgement is in the domain; this file moves bytes and stamps times. Lossless: it waits rather than skip a frame, and
 * a successor of its thread goes on where it was (see memory.ts), one of its process about where it was (handover.ts).
 */

import {
  type AnalyzerState,
  createAnalyzer,
  finish,
  liveTracks,
  nextTrackId,
  type StepOutput,
  step,
  suspend,
  type TrackInfo,
} from '../../domain/site-analyzer.ts';
import { restoreAnalyzer, snapshotAnalyzer } from '../../domain/snapshot/analyzer-snapshot.ts';
import type { Detection, Observation } from '../../domain/types.ts';
import { scaledFinding } from '../../domain/view-watch/view-finding.ts';
import type { PresentSuspension } from '../../domain/view-watch/view-trust.ts';
import { describeError } from '../../errors.ts';
import type { LiveEvent, LiveFrame } from '../../rpc/live.ts';
import { type DetectionsRecord, encodeRecord, isDetectionsRecord, RECORD, tryDecodeRecord } from '../../rpc/records.ts';
import type { Actor } from '../runtime/actor.ts';
import { Handover } from './handover.ts';
import { LatencyGauge } from './latency-gauge.ts';
import { Outbox } from './outbox.ts';
import type { TrackerSurroundings } from './ports.ts';
import type { TrackerSettings } from './settings.ts';

/** Frames per piece of work: 16 steps take a few milliseconds. */
const FRAMES_A_TURN = 16;
const REPORT_EVERY_S = 5;

export class TrackerActor implements Actor {
  readonly name: string;
  private readonly settings: TrackerSettings;
  private readonly around: TrackerSurroundings;
  private readonly outbox: Outbox;
  private readonly latency = new LatencyGauge();
  private readonly handover: Handover | null;
  private readonly program: string;
  private state: AnalyzerState;
  private reportedUtc = 0;
  /** The last frame that a predecessor took in; it may lie in the ring still. */
  private lastRecalled: DetectionsRecord | null = null;

  constructor(settings: TrackerSettings, around: TrackerSurroundings) {
    this.name = around.name;
    this.settings = settings;
    this.around = around;
    this.outbox = new Outbox(around.facts);
    this.program = around.program ?? '';
    const { keeper, clock } = around;
    const { outbox, program } = this;
    this.handover = keeper ? new Handover({ keeper, outbox, program, nowUs: () => clock.nowUs() }) : null;
    // A successor of a crashed thread must not give an id twice.
    const firstTrackId = Math.max(settings.firstTrackId, around.row.get('gauge0'));
    this.state = createAnalyzer({ ...settings, firstTrackId });
    if (!this.recall()) this.takeOver();
    // While something waits, what the ring has is more: it stays.
    if (this.outbox.length === 0) this.save();
  }

  doWork(): number {
    const { row, detections } = this.around;
    this.outbox.flush();
    row.set('waiting', this.outbox.length);
    this.settle();
    const most = this.outbox.isFull ? 0 : FRAMES_A_TURN;
    const taken = detections.drain((_type, payload) => this.onRecord(payload), most);
    this.handover?.tick(this.state);
    return taken;
  }

  /** What was under way comes out as incomplete rather than not at all; or it is left to a successor, if one comes. */
  async onClose(): Promise<void> {
    if (this.around.memory?.isKept && !this.around.isHouseClosing?.()) {
      this.outbox.flush();
      return;
    }
    const { handover } = this;
    if (handover) this.publishEvents(suspend(this.state));
    const left = handover?.snapshot(this.state);
    this.publishEvents(finish(this.state));
    this.outbox.flush();
    if (handover && left) await handover.close(left);
  }

  private onRecord(payload: Uint8Array): void {
    const { memory } = this.around;
    const record = tryDecodeRecord<DetectionsRecord>(payload);
    if (!isDetectionsRecord(record)) {
      this.around.row.add('errors');
      return;
    }
    const isRepeated = this.lastRecalled !== null && isSameFrame(record, this.lastRecalled);
    this.lastRecalled = null;
    // Its thread was ended after it had done all, and before the ring knew.
    if (isRepeated) return;
    this.onFrame(record);
    if (!memory) return;
    memory.note(payload);
    this.settle();
    // What waits in the outbox is in no snapshot: first it has to leave.
    if (memory.isDue && this.outbox.length === 0) this.save();
  }

  /** All that was said up to here has arrived: a successor need not say it again. */
  private settle(): void {
    const { memory, row } = this.around;
    if (memory && this.outbox.length === 0) row.set('gauge3', memory.written);
  }

  private save(): void {
    this.around.memory?.save(snapshotAnalyzer(this.state, this.program));
    this.settle();
  }

  /** Goes on where a predecessor ended. What it may not have got rid of is said again, under the same ids. */
  private recall(): boolean {
    const { memory, row, onRecall } = this.around;
    const recalled = memory?.recall();
    if (!memory || !recalled) return false;
    const settled = row.get('gauge3');
    const fresh = this.state;
    try {
      const options = { ...this.settings, firstTrackId: nextTrackId(fresh) };
      this.state = restoreAnalyzer(options, recalled.snapshot, this.program);
      const outputs = recalled.frames.map(({ record, place }) => {
        const [state, output] = step(this.state, this.observe(record));
        this.state = state;
        return { place, output };
      });
      for (const { place, output } of outputs) if (place > settled) this.publishEvents(output);
      this.lastRecalled = recalled.frames.at(-1)?.record ?? null;
      row.set('gauge0', nextTrackId(this.state));
      onRecall?.(`goes on where its predecessor ended: ${liveTracks(this.state).length} tracks`);
      return true;
    } catch (error) {
      this.state = fresh;
      memory.forget();
      onRecall?.(`begins anew, what its predecessor left cannot be used: ${describeError(error)}`);
      return false;
    }
  }

  /** The first thread of a process: what the process before it left on disk. */
  private takeOver(): void {
    const { row, onRecall } = this.around;
    const firstTrackId = nextTrackId(this.state);
    try {
      const taken = this.handover?.takeOver({ ...this.settings, firstTrackId });
      if (!taken) return;
      this.state = taken.state;
      row.set('gauge0', nextTrackId(this.state));
      onRecall?.(taken.words);
      if (taken.output) this.publishEvents({ ...taken.output, ended: [] });
    } catch (error) {
      onRecall?.(`begins anew, what the last process left cannot be used: ${describeError(error)}`);
    }
  }

  private onFrame(record: DetectionsRecord): void {
    const { row, clock, live } = this.around;
    row.add('in');
    row.set('lastInUs', clock.nowUs());
    const [state, output] = step(this.state, this.observe(record));
    this.state = state;
    row.set('gauge0', nextTrackId(state));
    const { present } = state.trust;
    row.set('reshapedSinceUs', present?.kind === 'reshaped' ? Math.round(present.sinceUtc * 1e6) : 0);
    const trackedUs = clock.nowUs();
    const frame: LiveFrame = {
      v: 1,
      type: 'frame',
      ts_utc: record.captureTsUs / 1e6,
      frame: record.frame,
      epoch: record.epoch,
      rtp: record.rtp,
      tracks: output.tracks,
      raw_dimensions: { w: record.width, h: record.height },
      scaled_dimensions: { w: this.settings.site.image.width, h: this.settings.site.image.height },
      ...liveView(present),
      ...(record.sampling && { sampling: record.sampling }),
      stages: { ...record.stages, tracked: trackedUs, emitted: clock.nowUs() },
    };
    if (live.tryWrite(RECORD.live, encodeRecord(frame))) row.add('out');
    else row.add('skipped');
    this.publishEvents(output);
    if (!this.outbox.put({ kind: 'frame', record })) row.add('dropped');
    this.reportTracks(frame.ts_utc);
    this.stamp(trackedUs, record);
  }

  private publishEvents(output: StepOutput): void {
    if (output.events.length + output.conditions.length + output.ended.length > 0) this.handover?.note();
    for (const event of [...output.conditions, ...output.events]) {
      const message: LiveEvent = { v: 1, type: 'event', event };
      this.around.live.tryWrite(RECORD.live, encodeRecord(message));
      const samples = output.passSamples[event.id];
      const evidence = output.passEvidence[event.id];
      this.outbox.put({ kind: 'event', event, ...(samples && { samples }), ...(evidence && { evidence }) });
    }
    for (const track of output.ended) this.putTrack(track, true);
  }

  /** How every vehicle in view stands, now and then. */
  private reportTracks(nowUtc: number): void {
    if (nowUtc - this.reportedUtc < REPORT_EVERY_S && nowUtc >= this.reportedUtc) return;
    this.reportedUtc = nowUtc;
    for (const track of liveTracks(this.state)) this.putTrack(track, false);
  }

  private putTrack(track: TrackInfo, ended: boolean): void {
    const { camera, calibration } = this.settings;
    this.outbox.put({ kind: 'track', track: { ...track, camera, ended, ...(calibration && { calibration }) } });
  }

  private stamp(trackedUs: number, record: DetectionsRecord): void {
    const { row } = this.around;
    row.set('lastOutUs', trackedUs);
    const latencyUs = trackedUs - record.stages.decoded;
    row.set('latencyUs', latencyUs);
    const percentiles = this.latency.add(latencyUs);
    if (!percentiles) return;
    row.set('gauge1', percentiles[0]);
    row.set('gauge2', percentiles[1]);
  }

  /** From the picture's pixels into the site's, edge to edge: of a picture of another shape that is a guess, and judged as one. */
  private observe(record: DetectionsRecord): Observation {
    const { width, height } = this.settings.site.image;
    const sx = width / record.width;
    const sy = height / record.height;
    const scale = ({ bbox: [x1, y1, x2, y2], ...rest }: Detection): Detection => ({
      ...rest,
      bbox: [x1 * sx, y1 * sy, x2 * sx, y2 * sy],
    });
    const detections = sx === 1 && sy === 1 ? record.detections : record.detections.map(scale);
    const view = record.view && scaledFinding(record.view, sx, sy);
    const { epoch, rtp, stages } = record;
    const media = { epoch, rtp, receivedUtc: stages.received / 1e6 };
    const picture = { width: record.width, height: record.height };
    return { tsUtc: record.captureTsUs / 1e6, frame: record.frame, detections, view, picture, media };
  }
}

function liveView(present: PresentSuspension | null): Pick<LiveFrame, 'view'> {
  if (!present) return {};
  const { kind, sinceUtc, sentence } = present;
  return { view: { state: kind, since_utc: sinceUtc, sentence } };
}

function isSameFrame(a: DetectionsRecord, b: DetectionsRecord): boolean {
  return a.epoch === b.epoch && a.frame === b.frame && a.captureTsUs === b.captureTsUs;
}
