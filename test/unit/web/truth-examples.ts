/** A clip of ten seconds with two passes, one of them over the seam of the loop. */
import type { Box } from '../../../src/domain/types.ts';
import { parseTruth, type TruthClip } from '../../../src/web/truth/truth-clip.ts';

const FPS = 10;
const DURATION_S = 10;

const header = {
  type: 'header',
  v: 1,
  loop: true,
  duration_s: DURATION_S,
  fps: FPS,
  width: 1280,
  height: 720,
  units: 'km/h',
};
const passes = [
  {
    id: 'stop',
    vehicle: 'car',
    entered_s: 1,
    exited_s: 6,
    verdict: 'full_stop',
    stopped_s: 1.5,
    min_speed: 0,
    approach_speed: 30,
    stop_distance_m: 0.6,
  },
  {
    id: 'over-the-seam',
    vehicle: 'car',
    entered_s: 9,
    exited_s: 11,
    verdict: 'no_stop',
    stopped_s: 0,
    min_speed: 32.4,
    approach_speed: 32.4,
    stop_distance_m: null,
  },
];

export function truthText(changes: { header?: object; passes?: object[] } = {}): string {
  const frames = Array.from({ length: FPS * DURATION_S }, (_, frame) => {
    const box: Box = [frame, 100, frame + 100, 160];
    const car = { id: 'stop', vehicle: 'car', lane: 'judged', speed: 2.5, box, occluded: 0 };
    const walker = { id: 'walker', vehicle: null, lane: null, speed: 1.4, box: [5, 5, 9, 20], occluded: 0.1 };
    return { type: 'frame', frame, t: frame / FPS, bodies: [car, walker] };
  });
  return [{ ...header, ...changes.header }, ...frames, { type: 'passes', passes: changes.passes ?? passes }]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

export const clip: TruthClip = parseTruth(truthText());
