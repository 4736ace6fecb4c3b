/**
 * The first line of a `*.truth.ndjson` (docs/sim.md), checked: whether it can be the truth of a camera that plays its clip by
 * the wall clock. Called where such a file is named: configuration, virtual camera.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { StopsignError } from '../errors.ts';

const headerSchema = z.object({
  type: z.literal('header'),
  v: z.literal(1),
  duration_s: z.number().positive(),
  loop: z.boolean(),
  width: z.int().positive(),
  height: z.int().positive(),
  units: z.enum(['km/h', 'mph']),
});

type TruthHeader = z.infer<typeof headerSchema>;

/** A header has some hundred bytes. */
const MOST_BYTES = 64 * 1024;
const REMEDY =
  'Make one with: stopsign sim render SCENARIO, of a scenario with loop: true and a duration in whole seconds.';

/**
 * @param path absolute
 * @throws StopsignError INPUT_MISSING when it cannot be read, BAD_INPUT when it is no truth of a looping clip
 */
export function readTruthHeader(path: string): TruthHeader {
  const parsed = headerSchema.safeParse(parseJson(firstLine(path)));
  if (!parsed.success) throw unfit(path, 'does not begin with the header of a truth file');
  const { loop, duration_s } = parsed.data;
  if (!loop) throw unfit(path, 'is of a clip that does not loop');
  if (!Number.isInteger(duration_s)) throw unfit(path, `is of a clip of ${duration_s} s, which is not whole seconds`);
  return parsed.data;
}

function firstLine(path: string): string {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const bytes = Buffer.alloc(MOST_BYTES);
    const text = bytes.toString('utf8', 0, readSync(file, bytes));
    return text.split('\n', 1)[0] ?? '';
  } catch (cause) {
    throw new StopsignError('INPUT_MISSING', `The truth file ${path} is not there or cannot be read.`, {
      remedy: 'Correct the path, or leave `truth` out.',
      cause,
    });
  } finally {
    if (file !== null) closeSync(file);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unfit(path: string, what: string): StopsignError {
  return new StopsignError('BAD_INPUT', `The truth file ${path} ${what}.`, { remedy: REMEDY });
}
