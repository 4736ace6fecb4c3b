/**
 * The tracker room: one thread a camera. Detections in; live messages for the gateway and facts for the persister out.
 * All judgement is in the domain; this file moves bytes and stamps times. Lossless: it waits rather than skip a frame.
 */

import {
  type AnalyzerState,
  createAnalyzer,
  finish,
  liveTracks,
  nextTrackId,
  type StepOutput,
  step,
  type TrackInfo,
} from '../../domain/site-analyzer.ts';
import type { Detection, Observation } from '../../domain/types.ts';
import type { LiveEvent, LiveFrame } from '../../rpc/live.ts';
import { type DetectionsRecord, decodeRecord, encodeRecord, RECORD } from '../../rpc/records.ts';
import type { Actor } from '../runtime/actor.ts';
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
  private state: AnalyzerState;
  private reportedUtc = 0;

  constructor(settings: TrackerSettings, around: TrackerSurroundings) {
    this.name = around.name;
    this.settings = settings;
    this.around = around;
    this.outbox = new Outbox(around.facts);
    // A successor of a crashed thread must not give an id twice.
    const firstTrackId = Math.max(settings.firstTrackId, around.row.get('gauge0'));
    this.state = createAnalyzer({ ...settings, firstTrackId });
  }

  doWork(): number {
    const { row, detections } = this.around;
    this.outbox.flush();
    row.set('waiting', this.outbox.length);
    if (this.outbox.isFull) return 0;
    return detections.drain((_type, payload) => this.onFrame(decodeRecord<DetectionsRecord>(payload)), FRAMES_A_TURN);
  }

  /** What was under way comes out as incomplete rather than not at all. */
  onClose(): void {
    const output = finish(this.state);
    this.publishEvents(output);
    this.outbox.flush();
  }

  private onFrame(record: DetectionsRecord): void {
    const { row, clock, live } = this.around;
    row.add('in');
    row.set('lastInUs', clock.nowUs());
    const [state, output] = step(this.state, this.observe(record));
    this.state = state;
    row.set('gauge0', nextTrackId(state));
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
    for (const event of output.events) {
      const message: LiveEvent = { v: 1, type: 'event', event };
      this.around.live.tryWrite(RECORD.live, encodeRecord(message));
      const samples = output.passSamples[event.id];
      this.outbox.put(samples ? { kind: 'event', event, samples } : { kind: 'event', event });
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
    this.outbox.put({ kind: 'track', track: { ...track, camera: this.settings.camera, ended } });
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

  /** From the picture's pixels into the site's. */
  private observe(record: DetectionsRecord): Observation {
    const { width, height } = this.settings.site.image;
    const sx = width / record.width;
    const sy = height / record.height;
    const scale = ({ bbox: [x1, y1, x2, y2], ...rest }: Detection): Detection => ({
      ...rest,
      bbox: [x1 * sx, y1 * sy, x2 * sx, y2 * sy],
    });
    const detections = sx === 1 && sy === 1 ? record.detections : record.detections.map(scale);
    return { tsUtc: record.captureTsUs / 1e6, frame: record.frame, detections };
  }
}
