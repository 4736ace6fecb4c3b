/**
 * A ready site configuration from the true camera: stop line, zone, approach and calibration points are projected, so
 * they are exact to the digits written. Ground coordinates are the world's [x, z]. Pure, but for the YAML text.
 */
import { Document, isCollection, isMap, visit } from 'yaml';
import { siteSchema } from '../config/site.ts';
import type { Point, Site } from '../domain/types.ts';
import { LANE_WIDTH_M, LINE_X_M } from './lanes.ts';
import { type Pinhole, type Pixel, pinhole } from './pinhole.ts';
import type { Scenario } from './scenario.ts';

/** Where calibration points are looked for, and how many are wanted. */
const GRID_X_M = [-40, -30, -24, -18, -12, -8, -4, LINE_X_M, 4, 8, 12];
const GRID_Z_M = [-3.3, -1.75, 0, 1.75, 3.3];
const WANTED_POINTS = 12;
const LEAST_POINTS = 8;

/** Throws when the camera does not see enough of the ground (a scenario's camera must look at the line). */
export function siteOf(scenario: Scenario): Site {
  const camera = pinhole(scenario.camera, scenario.size);
  const { site, size } = scenario;
  const at = (x: number, z: number): Point<'image'> => {
    const pixel = camera.project([x, 0, z]);
    if (!pixel) throw new RangeError(`The camera does not see the ground at x = ${x}, z = ${z}.`);
    return pixel.map(round) as unknown as Point<'image'>;
  };
  const zoneX = LINE_X_M - site.zoneM;
  return {
    name: scenario.name,
    units: site.units,
    timezone: site.timezone,
    image: size,
    stop_line: [at(LINE_X_M, 0), at(LINE_X_M, LANE_WIDTH_M)],
    approach: [at(Math.max(zoneX - 8, firstSeenX(camera)), LANE_WIDTH_M / 2), at(LINE_X_M, LANE_WIDTH_M / 2)],
    stop_zone: [at(zoneX, 0), at(LINE_X_M, 0), at(LINE_X_M, LANE_WIDTH_M), at(zoneX, LANE_WIDTH_M)],
    calibration: { points: calibrationPoints(camera) },
    policy: site.policy,
    vehicles: ['car', 'truck', 'bus', 'motorcycle'],
  };
}

/** The text of `<clip>.site.yaml`; checked against the schema that will read it. */
export function siteYaml(scenario: Scenario): string {
  const site = siteOf(scenario);
  siteSchema.parse(JSON.parse(JSON.stringify(site)));
  const about = ` The site of the scenario "${scenario.name}", from its true camera. Ground: metres, x along the street in driving
 direction, then across towards the camera; the near edge of the painted line is x = ${LINE_X_M}, the lane 0 … ${LANE_WIDTH_M}.`;
  const document = new Document({ site });
  document.commentBefore = about;
  // groups of keys a line each, points in one line
  visit(document, {
    Collection(_key, node) {
      const isOpen = isMap(node) ? node.has('site') || node.has('name') || node.has('points') : node.items.every(isMap);
      if (isCollection(node)) node.flow = !isOpen;
    },
  });
  return document.toString({ lineWidth: 0 }).replaceAll('[ ', '[').replaceAll(' ]', ']');
}

/** The approach begins where it can be seen. */
function firstSeenX(camera: Pinhole): number {
  for (let x = -60; x < -2; x += 1) if (isInside(camera, camera.project([x, 0, LANE_WIDTH_M / 2]))) return x;
  return -2;
}

function calibrationPoints(camera: Pinhole) {
  const candidates = GRID_X_M.flatMap((x) => GRID_Z_M.map((z) => ({ x, z, pixel: camera.project([x, 0, z]) }))).filter(
    (point): point is typeof point & { pixel: Pixel } => isInside(camera, point.pixel),
  );
  if (candidates.length < LEAST_POINTS) {
    throw new RangeError(
      `The camera sees ${candidates.length} calibration points, ${LEAST_POINTS} are needed: turn it to the line.`,
    );
  }
  // those that are furthest from each other in the picture, beginning with the one nearest to its lower left
  const chosen = [candidates.reduce((best, p) => (p.pixel[1] - p.pixel[0] > best.pixel[1] - best.pixel[0] ? p : best))];
  while (chosen.length < Math.min(WANTED_POINTS, candidates.length)) {
    const gap = (p: (typeof candidates)[number]) =>
      Math.min(...chosen.map((q) => Math.hypot(p.pixel[0] - q.pixel[0], p.pixel[1] - q.pixel[1])));
    chosen.push(candidates.reduce((best, p) => (gap(p) > gap(best) ? p : best)));
  }
  chosen.sort((a, b) => a.x - b.x || a.z - b.z);
  return chosen.map(({ x, z, pixel }) => ({
    image: pixel.map(round) as unknown as Point<'image'>,
    ground: [x, z] as Point<'ground'>,
  }));
}

const BORDER_PX = 4;

function isInside(camera: Pinhole, pixel: Pixel | null): boolean {
  if (!pixel) return false;
  const [x, y] = pixel;
  return x >= BORDER_PX && y >= BORDER_PX && x <= camera.width - BORDER_PX && y <= camera.height - BORDER_PX;
}

/** A hundredth of a pixel is less than a millimetre of road. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
