/** The detections format: NDJSON, one line a frame, ascending time (see docs/wire.md). Read and written line by line. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { joinFrames } from '../domain/join-frames.ts';
import type { Detection } from '../domain/types.ts';
import type { ViewFinding } from '../domain/view-watch/view-finding.ts';
import { StopsignError } from '../errors.ts';

const coordinate = z.number();
/** UTC s, or seconds of a recording; whoever writes more means milliseconds. */
const seconds = z.number().min(-1e11).max(1e11);
const suspensionKind = z.enum(['moved', 'blocked']);
/** As `ViewFinding`: what the view watch found. */
const viewSchema = z.object({
  state: z.enum(['learning', 'steady', 'doubtful', 'moved', 'blocked', 'dark']),
  suspension: z
    .object({
      kind: suspensionKind,
      sinceUtc: seconds,
      shiftPx: z.tuple([coordinate, coordinate]).nullable(),
      turnDeg: z.number(),
      zoom: z.number(),
      hidden: z.number(),
    })
    .exactOptional(),
  ended: z
    .object({
      kind: suspensionKind,
      sinceUtc: seconds,
      untilUtc: seconds,
      how: z.enum(['confirmed', 'by_itself']),
    })
    .exactOptional(),
  confirmedUtc: seconds.exactOptional(),
});

const lineSchema = z.object({
  ts_utc: seconds,
  frame: z.int().min(0),
  width: z.int().positive(),
  height: z.int().positive(),
  detections: z.array(
    z.object({
      bbox: z.tuple([coordinate, coordinate, coordinate, coordinate]),
      score: z.number().min(0).max(1),
      class: z.string(),
    }),
  ),
  view: viewSchema.exactOptional(),
});

export interface DetectionsLine {
  readonly ts_utc: number;
  readonly frame: number;
  readonly width: number;
  readonly height: number;
  readonly detections: readonly Detection[];
  /** Where the recording held it: what the view watch found. */
  readonly view?: ViewFinding;
}

/**
 * Lines of one frame (same number, same time) come as one.
 * @throws StopsignError BAD_INPUT naming file, line and what was expected
 */
export function readDetections(path: string): AsyncGenerator<DetectionsLine> {
  return joinFrames(readLines(path));
}

async function* readLines(path: string): AsyncGenerator<DetectionsLine> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') yield parseLine(line, `${path}:${number}`);
  }
}

function parseLine(text: string, place: string): DetectionsLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new StopsignError('BAD_INPUT', `${place}: this is no JSON.`, {
      cause,
      remedy: 'One JSON object a line is expected.',
    });
  }
  const parsed = lineSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StopsignError(
    'BAD_INPUT',
    `${place}: ${issue?.path.join('.') || 'line'}: ${issue?.message ?? 'is wrong'}.`,
    {
      remedy: 'Each line is {"ts_utc":…,"frame":…,"width":…,"height":…,"detections":[…]}.',
    },
  );
}
