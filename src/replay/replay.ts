/**
 * Judges a file losslessly and as fast as it can: the very rooms of the live house, folded into one thread. While the
 * model runs here, FFmpeg decodes the next picture on its own thread.
 */
import { InferenceActor } from '../actors/inference/actor.ts';
import { emitScore, type InferenceSettings } from '../actors/inference/settings.ts';
import { SUPERVISOR } from '../actors/runtime/plan.ts';
import { TrackerActor } from '../actors/tracker/actor.ts';
import { TrackerMemory } from '../actors/tracker/memory.ts';
import type { TrackerSettings } from '../actors/tracker/settings.ts';
import type { DecodeBackend, DecodedPicture } from '../media/decode/port.ts';
import { type DetectionsRecord, encodeRecord, RECORD } from '../rpc/records.ts';
import { copyPlanes } from '../shm/copy-planes.ts';
import type { FrameRingWriter } from '../shm/frame-ring.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { openDetector } from '../vision/detector.ts';
import { FoldedHouse } from './folded-house.ts';
import { replayPlan, SINK, SOURCE } from './replay-plan.ts';
import { type ReplayCounts, ReplaySink, type ReplayTakers } from './replay-sink.ts';

export interface ReplayResult extends ReplayCounts {
  readonly eventHash: string;
}

export interface ReplayOptions extends ReplayTakers {
  readonly tracker: TrackerSettings;
  readonly log: Log;
  readonly clock: Clock;
  /** Called after each frame. */
  onProgress?(frames: number): void;
  /** Recorded detections only: how many frames are handed on at a time; default 64. Changes nothing in the events. */
  readonly chunk?: number | undefined;
  /**
   * Recorded detections only: asked after each frame that went in whether the tracker is to be replaced now by a
   * successor, as an operator or a crash would do. Changes nothing in the events.
   */
  restart?(frames: number): 'stopped' | 'killed' | null;
}

export interface VideoOptions extends ReplayOptions {
  readonly backend: DecodeBackend;
  readonly path: string;
  readonly inference: InferenceSettings;
  onOpen?(video: { readonly frameCount: number | null; readonly fps: number }): void;
}

/** Capture times are the file's own: seconds from its first picture. */
export async function replayVideo(options: VideoOptions): Promise<ReplayResult> {
  const { tracker, inference } = options;
  await using file = await options.backend.openFile(options.path);
  options.onOpen?.(file);
  const house = new FoldedHouse(
    replayPlan(tracker, { inference, width: file.width, height: file.height }),
    options.log,
    options.clock,
  );
  const frames = house.room(SOURCE).frameWriter(`frames:${tracker.camera}`);
  const actor = new InferenceActor(house.room<InferenceSettings>('inference'), {
    openDetector: (native) => openDetector(inference.model, { ...inference, minScore: emitScore(inference), native }),
  });
  await house.start(actor);
  // Awaited here: the file must stay open until the last picture.
  return await follow(house, options, async (settle) => {
    let count = 0;
    let pending = file.next();
    try {
      for (let batch = await pending; batch; batch = await pending) {
        for (const picture of batch) {
          while (!write(frames, picture, count)) await settle();
          count += 1;
        }
        pending = file.next();
        pending.catch(() => {});
        await settle();
        options.onProgress?.(count);
      }
    } finally {
      // The file must not be closed while native code still reads it.
      await pending.catch(() => {});
    }
  });
}

const FRAMES_A_CHUNK = 64;

/** From recorded detections: no model, no video. */
export async function replayDetections(
  options: ReplayOptions & { readonly records: AsyncIterable<DetectionsRecord> },
): Promise<ReplayResult> {
  const { tracker } = options;
  const house = new FoldedHouse(replayPlan(tracker), options.log, options.clock);
  const detections = house.room(SOURCE).recordWriter(`detections:${tracker.camera}`);
  return follow(house, options, async (settle, replace) => {
    let count = 0;
    for await (const record of options.records) {
      const payload = encodeRecord(record);
      while (!detections.tryWrite(RECORD.detections, payload)) await settle();
      count += 1;
      if (count % (options.chunk ?? FRAMES_A_CHUNK) === 0) {
        await settle();
        options.onProgress?.(count);
      }
      const end = options.restart?.(count);
      if (end) await replace(end);
    }
    await settle();
  });
}

/** Puts tracker and sink behind the source, lets `feed` run, closes all. */
async function follow(
  house: FoldedHouse,
  options: ReplayOptions,
  feed: (settle: () => Promise<void>, replace: (end: 'stopped' | 'killed') => Promise<void>) => Promise<void>,
): Promise<ReplayResult> {
  const { tracker } = options;
  const { camera } = tracker;
  const room = house.room<TrackerSettings>(`tracker:${camera}`);
  const makeTracker = () =>
    new TrackerActor(tracker, {
      name: room.name,
      detections: room.recordReader(`detections:${camera}`),
      live: room.recordWriter(`tracks:${camera}`),
      facts: room.recordWriter(`facts:${camera}`),
      row: room.row,
      clock: room.clock,
      memory: new TrackerMemory(room.recordReader(`memory:${camera}`), room.recordWriter(`memory:${camera}`)),
      isHouseClosing: () => room.board.row(SUPERVISOR).state === 'stopping',
    });
  await house.start(makeTracker());
  const sink = new ReplaySink(house.room(SINK), camera, options);
  await house.start(sink);
  try {
    await feed(
      () => house.settle(),
      (end) => house.replace(makeTracker, room.name, end),
    );
  } finally {
    await house.close();
  }
  return { ...sink.counts, eventHash: sink.eventHash };
}

function write(frames: FrameRingWriter, picture: DecodedPicture & { readonly ptsUs: number }, frame: number): boolean {
  const { width, height, fullRange, ptsUs } = picture;
  const slot = frames.tryClaim({
    frame,
    epoch: 1,
    rtp: Math.round(ptsUs * 0.09) >>> 0,
    captureTsUs: ptsUs,
    ptsUs,
    receivedUs: ptsUs,
    decodedUs: ptsUs,
    width,
    height,
    fullRange,
  });
  if (!slot) return false;
  copyPlanes(picture.planes, slot);
  frames.commit();
  return true;
}
