/**
 * Detections against the truth, frame by frame: recall by height, boxes nobody is in, and how far the bottom centre is
 * from where it should be, in pixels and on the ground, by the angle the body is seen at. Pure.
 */
import type { Box, Detection } from '../../domain/types.ts';
import { type Pinhole, pinhole } from '../pinhole.ts';
import type { Vec3 } from '../scenario.ts';
import type { Truth, TruthBody } from '../truth-file.ts';
import { type Spread, spread } from './spread.ts';
import { iou, truthAt } from './truth-at.ts';

export interface TimedDetections {
  readonly tsUtc: number;
  readonly detections: readonly Detection[];
}

export interface Recall {
  /** Pixels of box height: from ≤ h < to; null: no upper end. */
  readonly from_px: number;
  readonly to_px: number | null;
  readonly n: number;
  readonly found: number;
  readonly recall: number | null;
  readonly moving_n: number;
  readonly moving_recall: number | null;
}

export interface ContactError {
  /** 0°: seen from behind, 90°: from the side, 180°: head-on. */
  readonly from_deg: number;
  readonly to_deg: number;
  readonly x_px: Spread | null;
  readonly y_px: Spread | null;
  /** On the ground, in driving direction and to its right. */
  readonly along_m: Spread | null;
  readonly across_m: Spread | null;
}

export interface BoxScore {
  readonly frames: number;
  readonly recall: readonly Recall[];
  readonly contact: readonly ContactError[];
  /** Spread of the bottom centre of each standing vehicle around its own mean, pixels. */
  readonly standing_jitter_px: { readonly x: Spread | null; readonly y: Spread | null };
  readonly invented: {
    readonly boxes: number;
    /** Frames in a row with an invented box at the same place. */
    readonly longest_run: number;
    /** Where and when the longest runs were, at most ten. */
    readonly runs: readonly {
      readonly from_s: number;
      readonly frames: number;
      readonly box: Box;
      readonly class: string;
    }[];
  };
}

const HEIGHTS_PX = [0, 20, 40, 60, 90] as const;
const ANGLE_STEP_DEG = 30;
const FOUND_IOU = 0.5;
/** Overlapping nothing true by more than this is an invention. */
const INVENTED_IOU = 0.2;
const SAME_PLACE_IOU = 0.3;
const MOVING_MPS = 0.2;
const VEHICLES: readonly string[] = ['car', 'truck', 'bus', 'motorcycle'];

interface Sample {
  readonly angleDeg: number;
  readonly px: readonly [number, number];
  readonly m: readonly [number, number] | null;
}

/** @param minScore detections below it do not count: recordings also hold the faint ones that trackers want */
export function scoreBoxes(
  truth: Truth,
  frames: readonly TimedDetections[],
  startUtc: number,
  minScore: number,
): BoxScore {
  const { header } = truth;
  const camera = pinhole(
    {
      position: header.camera.position as unknown as Vec3,
      lookAt: header.camera.look_at as unknown as Vec3,
      fovDeg: header.camera.fov_deg,
    },
    header,
  );
  const classes = HEIGHTS_PX.map(() => ({ n: 0, found: 0, movingN: 0, movingFound: 0 }));
  const samples: Sample[] = [];
  const standing = new Map<string, { dx: number; dy: number }[]>();
  const inventions = new Inventions();
  let counted = 0;
  for (const { tsUtc, detections } of frames) {
    const t = tsUtc - startUtc;
    const bodies = truthAt(truth, t);
    if (!bodies) continue;
    counted++;
    const vehicles = detections.filter((one) => one.score >= minScore && VEHICLES.includes(one.class));
    for (const body of bodies) {
      if (!body.vehicle || !VEHICLES.includes(body.vehicle) || body.inside < 0.95 || body.occluded > 0.1) continue;
      const height = body.box[3] - body.box[1];
      const cell = classes[HEIGHTS_PX.findLastIndex((from) => height >= from)];
      if (!cell) continue;
      const best = nearest(body.box, vehicles);
      const isFound = best !== null && best.overlap > FOUND_IOU;
      const isMoving = body.speed > MOVING_MPS;
      cell.n++;
      if (isMoving) cell.movingN++;
      if (!isFound) continue;
      cell.found++;
      if (isMoving) cell.movingFound++;
      const sample = contactSample(camera, body, best.detection.bbox);
      samples.push(sample);
      if (isMoving) continue;
      const key = `${body.id} ${body.box.map(Math.round).join()}`;
      const list = standing.get(key) ?? [];
      list.push({ dx: sample.px[0], dy: sample.px[1] });
      standing.set(key, list);
    }
    inventions.see(t, vehicles, bodies);
  }
  return {
    frames: counted,
    recall: classes.map((cell, i) => ({
      from_px: HEIGHTS_PX[i] as number,
      to_px: HEIGHTS_PX[i + 1] ?? null,
      n: cell.n,
      found: cell.found,
      recall: cell.n === 0 ? null : cell.found / cell.n,
      moving_n: cell.movingN,
      moving_recall: cell.movingN === 0 ? null : cell.movingFound / cell.movingN,
    })),
    contact: byAngle(samples),
    standing_jitter_px: jitter([...standing.values()]),
    invented: inventions.result(),
  };
}

function nearest(box: Box, detections: readonly Detection[]): { detection: Detection; overlap: number } | null {
  let best: { detection: Detection; overlap: number } | null = null;
  for (const detection of detections) {
    const overlap = iou(box, detection.bbox);
    if (!best || overlap > best.overlap) best = { detection, overlap };
  }
  return best;
}

function contactSample(camera: Pinhole, body: TruthBody, box: Box): Sample {
  const here = [(box[0] + box[2]) / 2, box[3]] as const;
  const px = [here[0] - body.contact[0], here[1] - body.contact[1]] as const;
  const [forwardX, forwardZ] = [Math.cos(body.heading), -Math.sin(body.heading)];
  const [toBodyX, toBodyZ] = [body.ground[0] - camera.position[0], body.ground[1] - camera.position[2]];
  const cos = (toBodyX * forwardX + toBodyZ * forwardZ) / Math.hypot(toBodyX, toBodyZ);
  const angleDeg = (Math.acos(Math.min(1, Math.max(-1, cos))) * 180) / Math.PI;
  const measured = camera.groundAt(here);
  const exact = camera.groundAt(body.contact);
  if (!measured || !exact) return { angleDeg, px, m: null };
  const [dx, dz] = [measured[0] - exact[0], measured[1] - exact[1]];
  return { angleDeg, px, m: [dx * forwardX + dz * forwardZ, -dx * forwardZ + dz * forwardX] };
}

function byAngle(samples: readonly Sample[]): ContactError[] {
  const out: ContactError[] = [];
  for (let from = 0; from < 180; from += ANGLE_STEP_DEG) {
    const own = samples.filter((s) => s.angleDeg >= from && (s.angleDeg < from + ANGLE_STEP_DEG || from === 150));
    if (own.length === 0) continue;
    const metres = own.flatMap((s) => (s.m ? [s.m] : []));
    out.push({
      from_deg: from,
      to_deg: from + ANGLE_STEP_DEG,
      x_px: spread(own.map((s) => s.px[0])),
      y_px: spread(own.map((s) => s.px[1])),
      along_m: spread(metres.map((m) => m[0])),
      across_m: spread(metres.map((m) => m[1])),
    });
  }
  return out;
}

function jitter(groups: readonly (readonly { dx: number; dy: number }[])[]) {
  const about = (pick: (s: { dx: number; dy: number }) => number) =>
    spread(
      groups.flatMap((group) => {
        if (group.length < 5) return [];
        const mean = group.reduce((sum, s) => sum + pick(s), 0) / group.length;
        return group.map((s) => pick(s) - mean);
      }),
    );
  return { x: about((s) => s.dx), y: about((s) => s.dy) };
}

interface Run {
  readonly from_s: number;
  frames: number;
  box: Box;
  readonly class: string;
}

class Inventions {
  #boxes = 0;
  #open: Run[] = [];
  readonly #all: Run[] = [];

  see(t: number, detections: readonly Detection[], bodies: readonly TruthBody[]): void {
    const open: Run[] = [];
    for (const { bbox, class: name } of detections) {
      if (bodies.some((body) => iou(body.box, bbox) > INVENTED_IOU || covers(body.box, bbox))) continue;
      this.#boxes++;
      let run = this.#open.find((before) => !open.includes(before) && iou(before.box, bbox) > SAME_PLACE_IOU);
      if (!run) {
        run = { from_s: t, frames: 0, box: bbox, class: name };
        this.#all.push(run);
      }
      run.frames++;
      run.box = bbox;
      open.push(run);
    }
    this.#open = open;
  }

  result(): BoxScore['invented'] {
    const runs = [...this.#all].sort((a, b) => b.frames - a.frames).slice(0, 10);
    return { boxes: this.#boxes, longest_run: runs[0]?.frames ?? 0, runs };
  }
}

/** A part of a body that is half hidden is no invention. */
function covers(body: Box, box: Box): boolean {
  const width = Math.min(body[2], box[2]) - Math.max(body[0], box[0]);
  const height = Math.min(body[3], box[3]) - Math.max(body[1], box[1]);
  return width > 0 && height > 0 && width * height > 0.6 * (box[2] - box[0]) * (box[3] - box[1]);
}
