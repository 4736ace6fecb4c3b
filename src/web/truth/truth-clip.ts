/**
 * What is true of the clip a camera plays: the form of `GET /truth/<camera>` (docs/sim.md), read and checked lightly. Pure;
 * used by truth-source.ts.
 *
 * Such a camera plays by the wall clock: at UTC second u it shows the clip's second u mod its length.
 */
import type { Box, SpeedUnit, Verdict } from '../../domain/types.ts';

/** A body in a frame. */
export interface TruthBody {
  readonly id: string;
  /** COCO class; null for a pedestrian. */
  readonly vehicle: string | null;
  readonly isJudgedLane: boolean;
  readonly speedMps: number;
  /** Pixels of `TruthClip.size`. */
  readonly box: Box;
  /** Share that is hidden behind others, 0 … 1. */
  readonly occluded: number;
}

export interface TruthFrame {
  /** Seconds of the clip. */
  readonly tS: number;
  readonly bodies: readonly TruthBody[];
}

/** What an exact judge says. Times are seconds of the clip, speeds in `TruthClip.units`. */
export interface TruthPass {
  readonly id: string;
  readonly vehicle: string;
  /** 0 … duration; the exit may lie in the next lap. */
  readonly enteredS: number;
  readonly exitedS: number;
  readonly verdict: Verdict;
  readonly stoppedS: number;
  readonly minSpeed: number;
  readonly approachSpeed: number;
  /** null: it never stood at the line. */
  readonly stopDistanceM: number | null;
}

export interface TruthClip {
  readonly durationS: number;
  readonly size: { readonly w: number; readonly h: number };
  readonly units: SpeedUnit;
  /** In order of time. */
  readonly frames: readonly TruthFrame[];
  /** In order of entry. */
  readonly passes: readonly TruthPass[];
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws Error with a sentence when the text is not the truth of a looping clip */
export function parseTruth(text: string): TruthClip {
  const lines = text.split('\n').filter((line) => line !== '');
  const header = parseLine(lines[0] ?? '');
  if (header['type'] !== 'header' || header['v'] !== 1 || header['loop'] !== true) {
    throw new Error('The server’s truth file is not one of a looping clip that this page understands.');
  }
  const frames: TruthFrame[] = [];
  let passes: readonly TruthPass[] | null = null;
  for (const line of lines.slice(1)) {
    const value = parseLine(line);
    if (value['type'] === 'frame') frames.push({ tS: num(value['t']), bodies: list(value['bodies']).map(body) });
    else if (value['type'] === 'passes') passes = list(value['passes']).map(pass);
  }
  if (passes === null || frames.length === 0) throw new Error('The server’s truth file is not complete.');
  return {
    durationS: num(header['duration_s']),
    size: { w: num(header['width']), h: num(header['height']) },
    units: header['units'] === 'mph' ? 'mph' : 'km/h',
    frames,
    passes,
  };
}

function body(value: Fields): TruthBody {
  const [x1, y1, x2, y2] = (value['box'] ?? []) as unknown[];
  return {
    id: String(value['id']),
    vehicle: typeof value['vehicle'] === 'string' ? value['vehicle'] : null,
    isJudgedLane: value['lane'] === 'judged',
    speedMps: num(value['speed']),
    box: [num(x1), num(y1), num(x2), num(y2)],
    occluded: num(value['occluded']),
  };
}

function pass(value: Fields): TruthPass {
  const distance = value['stop_distance_m'];
  return {
    id: String(value['id']),
    vehicle: String(value['vehicle']),
    enteredS: num(value['entered_s']),
    exitedS: num(value['exited_s']),
    verdict: value['verdict'] as Verdict,
    stoppedS: num(value['stopped_s']),
    minSpeed: num(value['min_speed']),
    approachSpeed: num(value['approach_speed']),
    stopDistanceM: typeof distance === 'number' ? distance : null,
  };
}

function parseLine(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Fields;
  } catch {
    // falls through to the sentence
  }
  throw new Error('The server’s truth file cannot be read.');
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value : [];
}

function num(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Error('A number is missing in the server’s truth file.');
}
