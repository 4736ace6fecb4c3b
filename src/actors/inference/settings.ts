/** Settings of the inference room: one room serves all cameras with one model. */
import { z } from 'zod';

const point = z.tuple([z.number(), z.number()]).readonly();
const segment = z.tuple([point, point]).readonly();

const family = z.enum(['yolox', 'yolov8', 'end2end', 'centernet']);

export const inferenceSettings = z.strictObject({
  cameras: z.array(z.string()).min(1),
  model: z.strictObject({
    path: z.string(),
    /** The three are absent for a user's own file: recognised when it is opened. */
    family: family.optional(),
    input: z
      .strictObject({ width: z.int().positive(), height: z.int().positive(), layout: family.optional() })
      .optional(),
    classes: z.array(z.string()).optional(),
  }),
  /** A score that begins a track. Detections down to `emitScore` are handed on all the same. */
  minScore: z.number().min(0.01).max(0.99),
  /** Boxes of one class that overlap more than this are one object. */
  nmsIou: z.number().min(0.1).max(0.95),
  /** Of the one model, or of all its copies together. */
  threads: z.int().min(1).max(64),
  /** For throughput, in replays: as many copies of the model as `threads`, each with one. A live picture is quicker with one model. */
  copies: z.boolean().optional(),
  /** Where the learned views are kept, and what each camera was calibrated as; absent: they are not kept. */
  views: z.strictObject({ dir: z.string(), versions: z.record(z.string(), z.string()) }).optional(),
  /** By camera: the size of the picture that was calibrated. Views of another shape are not looked at; absent: all are. */
  images: z
    .record(z.string(), z.strictObject({ width: z.number().positive(), height: z.number().positive() }))
    .optional(),
  /** By camera: where its road is, so that the model may rest while it is empty; absent: every frame is looked at. */
  gates: z
    .record(
      z.string(),
      z.strictObject({
        image: z.strictObject({ width: z.number().positive(), height: z.number().positive() }),
        stop_line: segment,
        approach: segment,
        stop_zone: z.array(point).readonly(),
        vehicles: z.array(z.string()).readonly(),
      }),
    )
    .optional(),
});

export type InferenceSettings = z.infer<typeof inferenceSettings>;

/** ByteTrack's second stage keeps known tracks alive with detections from here on. */
const SECOND_STAGE_SCORE = 0.1;

/** The lowest score that leaves the room. */
export function emitScore(settings: Pick<InferenceSettings, 'minScore'>): number {
  return Math.min(SECOND_STAGE_SCORE, settings.minScore);
}
