/**
 * The decoder room: one thread a camera. Access units in, pictures into the frame ring. Live: a full ring costs the new
 * picture and never blocks; broken data costs pictures up to the next key unit, never the thread.
 */
import { describeError, StopsignError } from '../../errors.ts';
import type { AccessUnit } from '../../media/access-unit.ts';
import type { DecodedPicture, StreamDecoder } from '../../media/decode/port.ts';
import type { StreamSignal, StreamState } from '../../rpc/live.ts';
import { encodeRecord, RECORD } from '../../rpc/records.ts';
import { copyPlanes } from '../../shm/copy-planes.ts';
import type { FrameRingWriter } from '../../shm/frame-ring.ts';
import type { RecordRingWriter } from '../../shm/record-ring.ts';
import type { StatusRow } from '../../shm/status-board.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Actor } from '../runtime/actor.ts';
import { FrozenWatch } from './frozen-watch.ts';
import type { Camera, CameraCounters, OpenDecoder } from './ports.ts';
import { UnitQueue } from './unit-queue.ts';

/** Two seconds at 30 fps. */
const QUEUE_LIMIT = 64;
/** Pictures a decoder may hold back; older tags are forgotten. */
const TAGS_KEPT = 64;
/** Five seconds at 30 fps. */
const UNITS_WITHOUT_PICTURE = 150;

/** Gauges of the decoder's row: 0 online (1) or not (0) · 1 epoch · 2 sequence gaps · 3 reconnects. `lostPackets`, `skippedUnits`, `damaged`: of all sessions. */
export interface DecoderSurroundings {
  readonly name: string;
  readonly camera: Camera;
  readonly openDecoder: OpenDecoder;
  readonly frames: FrameRingWriter;
  readonly signals: RecordRingWriter;
  readonly row: StatusRow;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nobody looks whether the picture is frozen. */
  readonly frozen?:
    | { readonly afterMs: number; readonly runCommand?: ((sinceUtc: number) => void) | undefined }
    | undefined;
  /** Ends the runner's wait: called when something arrived on this thread. */
  wake(): void;
}

export class DecoderActor implements Actor {
  readonly name: string;
  private readonly around: DecoderSurroundings;
  private readonly queue = new UnitQueue(QUEUE_LIMIT);
  private readonly units = new Map<number, AccessUnit>();
  private readonly frozen: FrozenWatch | null;
  private decoder: StreamDecoder | null = null;
  private decoderKey = '';
  private tag = 0;
  /** Of the newest key unit. */
  private keyTag = 0;
  /** The camera's pictures do not fit the ring, or are damaged: what is done with them is no progress, and nobody's fault in this room. */
  private isRefusing = false;
  private frame: number;
  private lastComplaint = '';
  private unitsWithoutPicture = 0;
  private losses: Pick<CameraCounters, 'lostPackets' | 'skippedUnits'> = { lostPackets: 0, skippedUnits: 0 };

  constructor(around: DecoderSurroundings) {
    this.name = around.name;
    this.around = around;
    // Frame numbers go on where the predecessor of this thread stopped.
    this.frame = around.frames.counts().offered;
    const { frozen, camera } = around;
    this.frozen = frozen ? new FrozenWatch({ ...around, ...frozen, reopen: () => camera.reopen?.() }) : null;
  }

  onStart(): void {
    const { camera, row, clock } = this.around;
    row.set('gauge0', 0);
    camera.open({
      onUnit: (unit) => {
        row.add('in');
        row.set('lastInUs', clock.nowUs());
        row.set('gauge1', unit.epoch);
        row.add('dropped', this.queue.push(unit));
        this.around.wake();
      },
      onSenderReport: ({ epoch, rtp, utcUs }) => this.signal({ kind: 'sr', epoch, rtp, utc: utcUs / 1e6 }),
      onState: (state, detail) => this.onStreamState(state, detail),
    });
  }

  async doWork(): Promise<number> {
    const { row } = this.around;
    const unit = this.queue.tryTake();
    row.set('waiting', this.queue.length);
    this.countLosses();
    if (!unit) return 0;
    try {
      const decoder = await this.decoderFor(unit);
      this.tag += 1;
      if (unit.key) this.keyTag = this.tag;
      this.units.set(this.tag, unit);
      this.units.delete(this.tag - TAGS_KEPT);
      row.set('inNative', 1);
      const pictures = await decoder.decode(unit.data, this.tag).finally(() => row.set('inNative', 0));
      const damagedAt = pictures.findIndex(({ isDamaged }) => isDamaged);
      for (const picture of damagedAt < 0 ? pictures : pictures.slice(0, damagedAt)) {
        if (this.fits(picture)) this.emit(picture);
        else this.refuse(picture);
      }
      if (damagedAt >= 0) this.passOver(pictures.length - damagedAt);
      this.watchForPictures(pictures.length);
    } catch (error) {
      this.isRefusing = false;
      this.decoderKey = '';
      this.complain(error);
      row.add('dropped', this.queue.waitForKey());
    }
    if (!this.isRefusing) return 1;
    if (this.queue.length > 0) this.around.wake();
    return 0;
  }

  /** Of the camera's counters only what was added counts: they begin anew with another session, the row does not. */
  private countLosses(): void {
    const { row, camera } = this.around;
    const now = camera.counters();
    row.set('gauge2', now.sequenceGaps);
    row.set('gauge3', now.reconnects);
    for (const cell of ['lostPackets', 'skippedUnits'] as const) {
      const before = this.losses[cell];
      if (now[cell] !== before) row.add(cell, now[cell] > before ? now[cell] - before : now[cell]);
    }
    this.losses = { lostPackets: now.lostPackets, skippedUnits: now.skippedUnits };
  }

  /** Units that give no picture for long: the decoder is begun anew, and the page says so. */
  private watchForPictures(count: number): void {
    this.unitsWithoutPicture = count > 0 ? 0 : this.unitsWithoutPicture + 1;
    if (this.unitsWithoutPicture < UNITS_WITHOUT_PICTURE) return;
    this.unitsWithoutPicture = 0;
    this.decoderKey = '';
    throw new StopsignError('BAD_INPUT', 'the camera sends video from which no picture can be decoded.', {
      remedy: 'Check the codec settings of the camera: H.264 or H.265, 8 bit, 4:2:0.',
    });
  }

  async onClose(): Promise<void> {
    await this.around.camera.close();
    await this.decoder?.close();
  }

  /** A new session or another codec needs a decoder without memory. */
  private async decoderFor(unit: AccessUnit): Promise<StreamDecoder> {
    const key = `${unit.epoch} ${unit.codec}`;
    if (this.decoder && this.decoderKey === key) return this.decoder;
    await this.decoder?.close();
    this.units.clear();
    this.decoder = await this.around.openDecoder(unit.codec);
    this.decoderKey = key;
    return this.decoder;
  }

  /**
   * The decoder made up a part of the first of them: nothing is measured in it, nor in what builds on it. It is not used again
   * either: FFmpeg's state keeps traces of the damage, and even the next key picture comes out wrong (ADR 32).
   */
  private passOver(count: number): void {
    const { row } = this.around;
    this.isRefusing = true;
    this.decoderKey = '';
    row.add('damaged', count);
    row.add('dropped', this.queue.waitForKey());
    this.complain(
      new StopsignError(
        'BAD_INPUT',
        "the camera's picture is damaged: nothing is analysed until its next key picture.",
        {
          remedy:
            'Check cable, Wi-Fi and power of the camera, lower its bit rate, and read it over TCP. ' +
            'An I-frame every second or two makes the gap short.',
        },
      ),
    );
  }

  private fits({ width, height }: DecodedPicture): boolean {
    const { frames } = this.around;
    return width <= frames.maxWidth && height <= frames.maxHeight;
  }

  /** What follows in the queue is as large, up to the next key unit; one that was decoded already may have changed that. */
  private refuse({ tag, width, height }: DecodedPicture): void {
    const { frames, row } = this.around;
    this.units.delete(tag);
    this.isRefusing = true;
    row.add('dropped', 1 + (tag >= this.keyTag ? this.queue.waitForKey() : 0));
    this.complain(
      new StopsignError('BAD_INPUT', `the camera's picture of ${width}×${height} is too large.`, {
        remedy: `Choose a stream of at most ${frames.maxWidth}×${frames.maxHeight} on the camera.`,
      }),
    );
  }

  private emit(picture: DecodedPicture): void {
    const { frames, row, clock } = this.around;
    const unit = this.units.get(picture.tag);
    if (!unit) return;
    this.units.delete(picture.tag);
    this.isRefusing = false;
    const decodedUs = clock.nowUs();
    const slot = frames.tryClaim({
      frame: this.frame,
      epoch: unit.epoch,
      rtp: unit.rtp,
      captureTsUs: unit.utcUs,
      ptsUs: Math.round((unit.rtp / 90_000) * 1e6),
      receivedUs: unit.receivedUs,
      decodedUs,
      width: picture.width,
      height: picture.height,
      fullRange: picture.fullRange,
    });
    this.frame += 1;
    if (!slot) {
      row.add('dropped');
      return;
    }
    try {
      copyPlanes(picture.planes, slot);
      this.frozen?.see(slot.y, picture.width, picture.height);
    } catch (error) {
      frames.abort();
      throw error;
    }
    frames.commit();
    row.add('out');
    row.set('lastOutUs', decodedUs);
    row.set('latencyUs', decodedUs - unit.receivedUs);
    if (this.lastComplaint !== '') this.onStreamState('online', null);
  }

  private onStreamState(state: StreamState, detail: string | null): void {
    this.around.row.set('gauge0', state === 'online' ? 1 : 0);
    this.signal({ kind: 'stream', state, detail });
    if (detail === this.lastComplaint) return;
    this.lastComplaint = detail ?? '';
    if (detail) this.around.log.warn({ stream: state }, detail);
    else if (state === 'online') this.around.log.info({ stream: state }, 'the camera sends');
  }

  /** The same complaint is logged once, not thirty times a second. */
  private complain(error: unknown): void {
    const detail = describeError(error);
    this.around.row.add('errors');
    if (detail === this.lastComplaint) return;
    this.lastComplaint = detail;
    this.around.log.warn({ err: error }, detail);
    this.signal({ kind: 'stream', state: 'connecting', detail });
  }

  private signal(signal: StreamSignal): void {
    this.around.signals.tryWrite(RECORD.signal, encodeRecord(signal));
  }
}
