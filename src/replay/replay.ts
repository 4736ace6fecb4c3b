/**
 * Judges a file losslessly and as fast as it can, by the very rooms of the live house. Of a video, the model has a thread
 * to itself, decoding another one (source-actor.ts); tracker and sink are folded into the caller's. They wait for each
 * other through lossless rings only.
 */
import type { InferenceSettings } from '../actors/inference/settings.ts';
import { SUPERVISOR } from '../actors/runtime/plan.ts';
import { TrackerActor } from '../actors/tracker/actor.ts';
import { TrackerMemory } from '../actors/tracker/memory.ts';
import type { TrackerSettings } from '../actors/tracker/settings.ts';
import type { DecodeBackend } from '../media/decode/port.ts';
import { type DetectionsRecord, encodeRecord, RECORD } from '../rpc/records.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
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
  /** How many frames are judged so far; called now and then. */
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
  /** Another thread shell of the inference room: a benchmark has one whose detector costs nothing. */
  readonly inferenceShell?: URL;
  onOpen?(video: { readonly frameCount: number | null; readonly fps: number }): void;
}

/**
 * Capture times are the file's own: seconds from its first picture.
 * @throws StopsignError BAD_MODEL, BAD_INPUT and whatever else a room failed of
 */
export async function replayVideo(options: VideoOptions): Promise<ReplayResult> {
  const { tracker, inference, path, backend, inferenceShell } = options;
  const { camera } = tracker;
  const { width, height } = await sizeOf(options);
  const source = { camera, path, backend: backend.name };
  const house = new FoldedHouse(replayPlan(tracker, { inference, source, width, height }), options.log, options.clock);
  return follow(house, options, async ({ counts }) => {
    await house.startThread('inference', inferenceShell);
    await house.startThread(SOURCE);
    const frames = house.frames(`frames:${camera}`);
    while (!frames.isDrained) {
      await house.step(`tracker:${camera}`);
      options.onProgress?.(counts.frames);
    }
    // A frame leaves its ring after its detections are in theirs.
    await house.settle();
    options.onProgress?.(counts.frames);
  });
}

/** The ring is made for the size that the file says. */
async function sizeOf({ backend, path, onOpen }: VideoOptions): Promise<{ width: number; height: number }> {
  await using file = await backend.openFile(path);
  onOpen?.(file);
  return { width: file.width, height: file.height };
}

const FRAMES_A_CHUNK = 64;

/** From recorded detections: no model, no video. */
export async function replayDetections(
  options: ReplayOptions & { readonly records: AsyncIterable<DetectionsRecord> },
): Promise<ReplayResult> {
  const { tracker } = options;
  const house = new FoldedHouse(replayPlan(tracker), options.log, options.clock);
  const detections = house.room(SOURCE).recordWriter(`detections:${tracker.camera}`);
  const settle = () => house.settle();
  return follow(house, options, async (_sink, replace) => {
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
  feed: (sink: ReplaySink, replace: (end: 'stopped' | 'killed') => Promise<void>) => Promise<void>,
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
    await feed(sink, (end) => house.replace(makeTracker, room.name, end));
  } finally {
    await house.close();
  }
  return { ...sink.counts, eventHash: sink.eventHash };
}
