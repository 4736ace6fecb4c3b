/**
 * Readers of labelled recordings for `stopsign track --score`: true boxes per frame from a MOT file or from a KITTI
 * tracking label file (told apart by the word in the third column), and detections in KITTI's corner format. Pure: text
 * in, frames out; frame 1 is the first in all of them (KITTI counts from 0). Errors name file and line.
 */
import { COUNT_ALL, type IgnoreRules, type TruthBox, type TruthFrame } from '../domain/mot-metrics/ignored.ts';
import type { Box } from '../domain/types.ts';
import { type MotRow, parseMot } from './track.ts';
import { badLine, checkFrame, eachLine } from './track-lines.ts';

export interface Labels {
  readonly format: 'mot' | 'kitti';
  /** By number, from 1; those without a label are not in it. */
  readonly frames: ReadonlyMap<number, TruthFrame>;
  readonly rules: IgnoreRules;
}

/** As the benchmark does: cars are asked for, vans go unpunished, so do cars that are cut off or hidden for the most part. */
const KITTI_ASKED = 'Car';
const KITTI_LIKE_IT = 'Van';
const KITTI_MOST_OCCLUDED = 2;
const KITTI_MOST_TRUNCATED = 0;
const KITTI_LEAST_HEIGHT_PX = 25;

/** @param path of the file, for the sentences @throws StopsignError BAD_INPUT */
export function parseLabels(text: string, path = 'labels'): Labels {
  const first = text.split('\n').find((line) => line.trim() !== '') ?? '';
  return /^\s*\d+\s+-?\d+\s+[A-Za-z]/.test(first) ? parseKittiLabels(text, path) : parseMotTruth(text, path);
}

/** MOT truth: frame,id,left,top,width,height,flag; flag 0 marks a box that does not count. */
function parseMotTruth(text: string, path: string): Labels {
  const frames: TruthFrames = new Map();
  for (const row of parseMot(text, path)) {
    const bbox: Box = [row.left, row.top, row.left + row.width, row.top + row.height];
    frameAt(frames, row.frame).boxes.push({ id: row.id, bbox, isIgnored: row.score === 0 });
  }
  return { format: 'mot', frames, rules: COUNT_ALL };
}

/** Columns: frame id type truncated occluded alpha left top right bottom, then three dimensions that are not used. */
function parseKittiLabels(text: string, path: string): Labels {
  const frames: TruthFrames = new Map();
  let ofNoAccount = 0;
  eachLine(text, path, (line) => {
    const { cells } = line;
    const [frame, id, , truncated, occluded, , ...corners] = cells.map(Number);
    const type = cells[2] as string;
    const bbox = corners.slice(0, 4) as unknown as Box;
    if (cells.length < 10 || !isFrame(frame) || !Number.isInteger(id) || !bbox.every(Number.isFinite)) {
      throw badLine(line, 'KITTI tracking format', 'frame id type truncated occluded alpha left top right bottom');
    }
    checkFrame(line, (frame as number) + 1);
    const at = frameAt(frames, (frame as number) + 1);
    if (type === 'DontCare') at.regions.push(bbox);
    if (type !== KITTI_ASKED && type !== KITTI_LIKE_IT) return;
    const isHidden = (occluded as number) > KITTI_MOST_OCCLUDED || (truncated as number) > KITTI_MOST_TRUNCATED;
    const isIgnored = type !== KITTI_ASKED || isHidden;
    at.boxes.push({ id: isIgnored ? --ofNoAccount : (id as number), bbox, isIgnored });
  });
  return { format: 'kitti', frames, rules: { leastHeightPx: KITTI_LEAST_HEIGHT_PX } };
}

/** Detections as frame,left,top,right,bottom,score with frames counted from 0. @throws StopsignError BAD_INPUT */
export function parseKittiDetections(text: string, path = 'detections'): MotRow[] {
  const rows: MotRow[] = [];
  eachLine(text, path, (line) => {
    const { cells } = line;
    const numbers = cells.map(Number);
    const [frame, x1, y1, x2, y2, score = 1] = numbers as [number, number, number, number, number, number?];
    if (cells.length < 5 || !isFrame(frame) || !numbers.every(Number.isFinite)) {
      throw badLine(line, 'KITTI format', 'frame,left,top,right,bottom,score with frames counted from 0');
    }
    checkFrame(line, frame + 1);
    rows.push({ frame: frame + 1, id: -1, left: x1, top: y1, width: x2 - x1, height: y2 - y1, score });
  });
  return rows;
}

interface MutableFrame extends TruthFrame {
  readonly boxes: TruthBox[];
  readonly regions: Box[];
}

/** By number, from 1. */
type TruthFrames = Map<number, MutableFrame>;

function frameAt(frames: TruthFrames, frame: number): MutableFrame {
  const known = frames.get(frame);
  if (known) return known;
  const begun: MutableFrame = { boxes: [], regions: [] };
  frames.set(frame, begun);
  return begun;
}

function isFrame(frame: number | undefined): boolean {
  return Number.isInteger(frame) && (frame as number) >= 0;
}
