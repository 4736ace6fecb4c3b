/**
 * The inference room: finds road users in the frames of all cameras. Own thread, because a model run blocks it. The
 * camera whose oldest frame waits longest is served next, so a fast camera cannot starve a slow one. When there is more to
 * do than time for it, live cameras are sampled evenly (pace.ts, frame-sampler.ts), and a frame that has to wait makes way
 * for the next that is wanted. With a motion gate the model rests while a road is empty (motion-gate.ts).
 *
 * Once a second it also looks whether the camera still shows the view it was calibrated on (camera-view.ts): the picture
 * is here anyway, and the finding goes with the detections.
 *
 * in:  frames:<camera> rings            out: detections:<camera> rings (RECORD.detections)
 * row: in (frames taken up), out (records written), skipped, waiting (frames it could work on; a camera whose
 *      detection ring is full does not count: its tracker is the one to look at), latencyUs (decoded → inferred),
 *      gauge0 (µs for the last frame: letterbox, model run, decoding), of the skipped: gauge1 (left out by even
 *      sampling), gauge2 (over an empty road); gauge3 (mean µs for a frame, as the pace has it)
 */
import { StopsignError } from '../../errors.ts';
import type { DetectionsRecord } from '../../rpc/records.ts';
import type { FrameSlot } from '../../shm/frame-slot.ts';
import type { Actor } from '../runtime/actor.ts';
import type { Room } from '../runtime/room.ts';
import { CameraLane } from './camera-lane.ts';
import { CameraView, FORGETFUL } from './camera-view.ts';
import { MotionGate } from './motion-gate.ts';
import { Pace } from './pace.ts';
import type { InferencePorts, NativeSection, ObjectDetector } from './ports.ts';
import type { InferenceSettings } from './settings.ts';

export class InferenceActor implements Actor {
  readonly name: string;
  private readonly room: Room<InferenceSettings>;
  private readonly ports: InferencePorts;
  private readonly lanes: readonly CameraLane[];
  private readonly pace = new Pace();
  private readonly views = new Map<string, CameraView>();
  private detector: ObjectDetector | null = null;

  constructor(room: Room<InferenceSettings>, ports: InferencePorts) {
    this.name = room.name;
    this.room = room;
    this.ports = ports;
    // Cameras in step would all want the same moment: the last would wait for the runs of all others.
    this.lanes = room.settings.cameras.map((camera, i, { length }) => {
      const gate = room.settings.gates?.[camera];
      return new CameraLane(
        camera,
        room.frameReader(`frames:${camera}`),
        room.recordWriter(`detections:${camera}`),
        gate ? new MotionGate(gate) : null,
        i / length,
      );
    });
  }

  async onStart(): Promise<void> {
    const { row } = this.room;
    const native: NativeSection = { enter: () => row.set('inNative', 1), leave: () => row.set('inNative', 0) };
    native.leave();
    for (const camera of this.room.settings.cameras) {
      const memory = this.ports.viewMemory?.(camera) ?? FORGETFUL;
      this.views.set(camera, await CameraView.open(memory, this.room.settings.images?.[camera]));
    }
    this.detector = await this.ports.openDetector(native);
    this.room.log.info({ cameras: this.room.settings.cameras, model: this.room.settings.model.path }, 'model loaded');
  }

  readonly commands = {
    /** {camera}: the present view is the right one. */
    confirmView: async (argument: unknown): Promise<void> => {
      const view = this.views.get((argument as { camera?: string } | null)?.camera ?? '');
      if (!view) throw new StopsignError('BAD_INPUT', 'there is no camera of this name.');
      await view.confirm();
    },
  };

  /** Hands on what had to wait, passes over what is not wanted, then analyses one frame. */
  async doWork(): Promise<number> {
    let moved = 0;
    for (const lane of this.lanes) {
      if (lane.deliver()) {
        this.countOut();
        moved += 1;
      }
      moved += this.sift(lane);
    }
    this.setPace();
    this.countWaiting();
    const lane = this.oldestLane();
    if (lane) moved += await this.analyse(lane);
    this.countWaiting();
    return moved;
  }

  async onClose(): Promise<void> {
    const { detector } = this;
    this.detector = null;
    await detector?.close();
    for (const view of this.views.values()) await view.close();
  }

  private sift(lane: CameraLane): number {
    const { row } = this.room;
    const { late, sampled, resting } = lane.sift();
    const passed = late + sampled + resting;
    if (passed > 0) row.add('skipped', passed);
    if (sampled > 0) row.add('gauge1', sampled);
    if (resting > 0) row.add('gauge2', resting);
    return passed;
  }

  private setPace(): void {
    const { row, clock } = this.room;
    const nowUs = clock.nowUs();
    if (!this.pace.isDue(nowUs / 1_000)) return;
    const demands = this.lanes.map((lane) => lane.demand(nowUs));
    const wasSampling = this.pace.isSampling;
    const shares = this.pace.look(nowUs / 1_000, demands);
    this.lanes.forEach((lane, i) => {
      lane.share = shares[i] ?? 1;
    });
    row.set('gauge3', (this.pace.frameMs ?? 0) * 1_000);
    if (this.pace.isSampling === wasSampling) return;
    const about = { frameMs: Math.round(this.pace.frameMs ?? 0), framesPerSecond: demands.map(Math.round) };
    if (wasSampling) this.room.log.info(about, 'every frame is analysed again');
    else this.room.log.warn(about, 'the model cannot keep up: frames are sampled evenly');
  }

  private async analyse(lane: CameraLane): Promise<number> {
    const { row, clock } = this.room;
    if (!this.detector) throw new StopsignError('INTERNAL', 'The inference room worked before it was started.');
    const slot = lane.next();
    if (!slot) return 0;
    const startedUs = clock.nowUs();
    row.add('in');
    row.set('lastInUs', startedUs);
    const { decodedUs } = slot;
    const record = await this.detect(this.detector, lane, slot, startedUs);
    const inferredUs = record.stages.inferred ?? startedUs;
    row.set('latencyUs', inferredUs - decodedUs);
    row.set('gauge0', inferredUs - startedUs);
    this.pace.add(Math.max(0, inferredUs - startedUs) / 1_000);
    if (lane.put(record)) this.countOut();
    return 1;
  }

  private async detect(
    detector: ObjectDetector,
    lane: CameraLane,
    slot: FrameSlot,
    taken: number,
  ): Promise<DetectionsRecord> {
    const { clock } = this.room;
    let drawn: number | undefined;
    try {
      const detections = await lane.detect(detector, slot, () => {
        drawn = clock.nowUs();
      });
      const { frame, epoch, rtp, captureTsUs, width, height } = slot;
      const view = this.views.get(lane.camera)?.see(slot, captureTsUs);
      const inferred = clock.nowUs();
      const { receivedUs: received, decodedUs: decoded } = slot;
      const stages = { received, decoded, taken, ...(drawn !== undefined && { drawn }), inferred };
      const sampling = lane.sampling(inferred);
      return {
        camera: lane.camera,
        frame,
        epoch,
        rtp,
        captureTsUs,
        width,
        height,
        detections,
        ...(view && { view }),
        ...(sampling && { sampling }),
        stages,
      };
    } catch (error) {
      lane.drop();
      throw error;
    }
  }

  private oldestLane(): CameraLane | null {
    let oldest: CameraLane | null = null;
    let oldestUs = Number.POSITIVE_INFINITY;
    for (const lane of this.lanes) {
      const waitsSinceUs = lane.oldestUs;
      if (waitsSinceUs === null || waitsSinceUs >= oldestUs) continue;
      oldest = lane;
      oldestUs = waitsSinceUs;
    }
    return oldest;
  }

  private countOut(): void {
    this.room.row.add('out');
    this.room.row.set('lastOutUs', this.room.clock.nowUs());
  }

  private countWaiting(): void {
    this.room.row.set(
      'waiting',
      this.lanes.reduce((sum, lane) => sum + lane.waiting, 0),
    );
  }
}
