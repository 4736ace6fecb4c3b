/** A decoder room with a real decoder, a ring that is read after each access unit, and what it said. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pino from 'pino';
import { DecoderActor } from '../../src/actors/decoder/actor.ts';
import type { Camera, CameraListener } from '../../src/actors/decoder/ports.ts';
import { type BackendName, loadBackend } from '../../src/media/decode/backend.ts';
import { decodeRecord } from '../../src/rpc/records.ts';
import { Bell } from '../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../src/shm/frame-ring.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../src/shm/record-ring.ts';
import { StatusBoard, StatusRow } from '../../src/shm/status-board.ts';
import { systemClock } from '../../src/telemetry/clock.ts';

/** A picture as it lay in the ring. */
export interface RoomFrame {
  readonly frame: number;
  readonly epoch: number;
  readonly rtp: number;
  readonly captureTsUs: number;
  readonly width: number;
  readonly height: number;
  /** Y, U and V, rows unpadded. */
  readonly bytes: Buffer;
}

export interface DecoderRoomOptions {
  readonly maxWidth?: number;
  readonly maxHeight?: number;
  readonly backend?: BackendName;
  /** Absent: the test is the camera, by `listener`. */
  readonly camera?: Camera;
}

/** Opens and starts the room; nothing is decoded before `work` is called. */
export async function openDecoderRoom(options: DecoderRoomOptions = {}) {
  const { maxWidth = 640, maxHeight = 360, camera } = options;
  const backend = await loadBackend(options.backend);
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  const ring = FrameRing.allocate({ slots: 8, maxWidth, maxHeight, policy: 'live' });
  const signals = RecordRing.allocate({ capacity: 65_536 });
  const row = new StatusRow(StatusBoard.allocate(1), 0);
  const reader = new FrameRingReader(ring);
  const heard = new RecordRingReader(signals);
  let listener: CameraListener | undefined;
  let decodersOpened = 0;
  const none = { sequenceGaps: 0, reconnects: 0, lostPackets: 0, skippedUnits: 0 };
  const actor = new DecoderActor({
    name: 'decoder:cam',
    camera: {
      open: (l) => {
        listener = l;
        camera?.open(l);
      },
      counters: () => camera?.counters() ?? none,
      close: async () => camera?.close(),
    },
    openDecoder: (codec) => {
      decodersOpened += 1;
      return backend.openStream(codec);
    },
    frames: new FrameRingWriter(ring, bell),
    signals: new RecordRingWriter(signals, bell),
    row,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    wake: () => {},
  });
  actor.onStart();
  const frames: RoomFrame[] = [];
  const details: string[] = [];
  const listen = (): void => {
    heard.drain((_type, payload) => {
      const signal = decodeRecord(payload) as { kind: string; detail?: string | null };
      if (signal.kind === 'stream' && signal.detail) details.push(signal.detail);
    }, 999);
    for (let slot = reader.tryPeek(); slot; slot = reader.tryPeek()) {
      const { frame, epoch, rtp, captureTsUs, width, height } = slot;
      const bytes = Buffer.concat([slot.y, slot.u, slot.v]);
      frames.push({ frame, epoch, rtp, captureTsUs, width, height, bytes });
      reader.release();
    }
  };
  return {
    listener: listener as CameraListener,
    row,
    /** In the order of the ring. */
    frames,
    /** What the room said is wrong, in order. */
    details,
    decodersOpened: () => decodersOpened,
    /** Decodes everything that waits. */
    async work(): Promise<void> {
      while ((await actor.doWork()) > 0) listen();
      listen();
    },
    [Symbol.asyncDispose]: () => actor.onClose(),
  };
}

/** The pictures of a file in presentation order, as the ring holds them. */
export async function picturesOf(path: string, width: number, height: number): Promise<Buffer[]> {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'],
    { maxBuffer: 2 ** 28, encoding: 'buffer' },
  );
  const size = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return Array.from({ length: stdout.length / size }, (_, n) => stdout.subarray(n * size, (n + 1) * size));
}
