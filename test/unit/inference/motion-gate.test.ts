/** The model rests over an empty road, and over nothing else. Pictures are made here: grey noise with a darker car on it. */
import { describe, expect, it } from 'vitest';
import { MotionGate } from '../../../src/actors/inference/motion-gate.ts';
import { RoadRegion } from '../../../src/actors/inference/road-region.ts';
import { StillBoxes } from '../../../src/actors/inference/still-boxes.ts';
import type { Box, Detection } from '../../../src/domain/types.ts';
import { evenCamera, playLab } from '../../support/inference-lab.ts';
import { dice } from '../../support/lab-dice.ts';

const WIDTH = 320;
const HEIGHT = 180;
const FPS = 10;
/** As 80 × 48 pixels in 720p. */
const CAR_WIDTH = 20;
const CAR_HEIGHT = 12;
const ROAD = {
  image: { width: 1280, height: 720 },
  stop_line: [
    [600, 500],
    [760, 500],
  ],
  approach: [
    [680, 200],
    [680, 500],
  ],
  stop_zone: [
    [600, 350],
    [760, 350],
    [760, 495],
    [600, 495],
  ],
  vehicles: ['car', 'truck'],
} as const;

interface Car {
  /** Upper left corner, pixels of the picture. */
  readonly x: number;
  readonly y: number;
  /** Grey levels by which it is darker than the road. */
  readonly contrast?: number;
}

const roll = dice(11);
const noise = Float32Array.from({ length: 1 << 16 }, () => (roll() + roll() + roll() + roll() - 2) * 1.73);
const roads = new Map<string, Uint8Array[]>();
let turn = 0;

/** Five pictures of the empty road that differ by their noise. */
function emptyRoads(sigma: number, light: number): Uint8Array[] {
  const key = `${sigma} ${light}`;
  const made =
    roads.get(key) ??
    [0, 1, 2, 3, 4].map((n) =>
      Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
        return 110 + light + sigma * (noise[(i + 7_919 * n) & 0xffff] as number);
      }),
    );
  roads.set(key, made);
  return made;
}

/** @param sigma of the noise, grey levels */
function picture(car: Car | null, { sigma = 2, light = 0 } = {}) {
  turn += 1;
  const y = (emptyRoads(sigma, light)[turn % 5] as Uint8Array).slice();
  for (let row = car?.y ?? HEIGHT; row < Math.min(HEIGHT, (car?.y ?? 0) + CAR_HEIGHT); row += 1) {
    for (let x = car?.x ?? 0; x < Math.min(WIDTH, (car?.x ?? 0) + CAR_WIDTH); x += 1) {
      const i = row * WIDTH + x;
      y[i] = (y[i] as number) - (car?.contrast ?? 30);
    }
  }
  return { width: WIDTH, height: HEIGHT, y };
}

function detection(car: Car, name = 'car', score = 0.6): Detection {
  return { bbox: [car.x, car.y, car.x + CAR_WIDTH, car.y + CAR_HEIGHT], score, class: name };
}

/** Plays a scene at 10 frames a second; the model finds what `found` says. Returns what the gate said to each frame. */
function play(
  gate: MotionGate,
  fromS: number,
  toS: number,
  scene: (s: number) => Car | null = () => null,
  options: { found?: (car: Car | null) => readonly Detection[]; sigma?: number; light?: (s: number) => number } = {},
) {
  const { found = (car) => (car ? [detection(car)] : []), sigma = 2, light = () => 0 } = options;
  const said: ('open' | 'look' | 'rest')[] = [];
  for (let n = Math.round(fromS * FPS); n < Math.round(toS * FPS); n += 1) {
    const s = n / FPS;
    const car = scene(s);
    const seen = picture(car, { sigma, light: light(s) });
    const answer = gate.see(seen, s * 1e6);
    if (answer !== 'rest') gate.found(found(car), seen, s * 1e6);
    said.push(answer);
  }
  return said;
}
const share = (said: readonly string[], what: string): number =>
  said.filter((one) => one === what).length / said.length;

describe('the motion gate', () => {
  it('rests over an empty road and looks twice a second all the same', () => {
    const gate = new MotionGate(ROAD);
    expect(share(play(gate, 0, 5, undefined), 'open')).toBeGreaterThan(0.98);
    const said = play(gate, 6, 16);
    expect(share(said, 'open')).toBe(0);
    expect(said.filter((one) => one === 'look').length).toBeGreaterThanOrEqual(19);
    expect(gate.isResting).toBe(true);
  });

  it('opens with the very frame in which something drives onto the road', () => {
    const gate = new MotionGate(ROAD);
    play(gate, 0, 8);
    const said = play(gate, 8, 10, (s) => ({ x: 160, y: Math.round(30 + (s - 8) * 30) }));
    expect(said[0]).toBe('open');
    expect(share(said, 'open')).toBe(1);
  });

  it('opens for a car that hardly differs from the road, and for one that creeps', () => {
    for (const scene of [
      (s: number) => ({ x: 160, y: Math.round(30 + (s - 8) * 30), contrast: 14 }),
      (s: number) => ({ x: 160 + Math.round((s - 8) * 4), y: 75 }),
    ]) {
      const gate = new MotionGate(ROAD);
      play(gate, 0, 8);
      expect(share(play(gate, 8, 10, scene, { found: () => [] }), 'open')).toBeGreaterThan(0.9);
    }
  });

  it('is not opened by noise of the dark, nor by a light that changes over the whole picture', () => {
    const gate = new MotionGate(ROAD);
    const dark = { sigma: 8, light: (s: number) => (s > 10 ? -30 : 0) };
    play(gate, 0, 8, undefined, dark);
    expect(share(play(gate, 8, 14, undefined, dark), 'open')).toBe(0);
  });

  it('is not opened by what moves far from the road', () => {
    const gate = new MotionGate(ROAD);
    play(gate, 0, 8);
    expect(
      share(
        play(gate, 8, 12, (s) => ({ x: 20, y: Math.round(50 + (s - 8) * 25) })),
        'open',
      ),
    ).toBe(0);
  });

  it('stays open while a vehicle waits, and for five seconds after the last one was found', () => {
    const gate = new MotionGate(ROAD);
    play(gate, 0, 8);
    const waits = play(gate, 8, 24, () => ({ x: 160, y: 100 }));
    expect(share(waits, 'open')).toBe(1);
    const gone = play(gate, 24, 34);
    const closesAfterS = gone.indexOf('look') / FPS;
    expect(closesAfterS).toBeGreaterThan(4.8);
    expect(closesAfterS).toBeLessThan(5.3);
  });

  it('rests beside a car that is parked, and opens when it drives off', () => {
    const gate = new MotionGate(ROAD);
    const parked = { x: 160, y: 100 };
    play(gate, 0, 30, () => parked);
    expect(
      share(
        play(gate, 30, 34, () => parked),
        'open',
      ),
    ).toBe(0);
    const leaves = play(gate, 34, 36, (s) => ({ x: 160, y: Math.round(100 + (s - 34) * 20) }));
    expect(leaves.indexOf('open')).toBeLessThan(3);
    expect(share(leaves, 'open')).toBeGreaterThan(0.9);
  });

  it('opens for a vehicle that only a forced look finds', () => {
    const gate = new MotionGate(ROAD);
    play(gate, 0, 8);
    const ghost = detection({ x: 160, y: 100 });
    const said = play(gate, 8, 10, undefined, { found: () => [ghost] });
    expect(said.indexOf('open')).toBeLessThanOrEqual(6);
    expect(said.at(-1)).toBe('open');
  });

  it('is not kept open by people and dogs that stand still', () => {
    const gate = new MotionGate(ROAD);
    const person = { x: 160, y: 100 };
    const said = play(gate, 0, 16, () => person, { found: () => [detection(person, 'person')] });
    expect(share(said.slice(-60), 'open')).toBe(0);
  });

  it.each([
    ['stands still', () => 8],
    ['goes back a little', (s: number) => s - 3],
    ['leaps', (s: number) => s + 1e6],
  ])('with a clock that %s it never closes for good', (_name, claims) => {
    const gate = new MotionGate(ROAD);
    play(gate, 0, 8);
    const car = { x: 160, y: 100 };
    const answers = Array.from({ length: 40 }, (_, n) => gate.see(picture(car), claims(8 + n / FPS) * 1e6));
    expect(answers.every((one) => one === 'open')).toBe(true);
  });

  it('begins anew when the picture changes its size', () => {
    const gate = new MotionGate(ROAD);
    play(gate, 0, 8);
    expect(gate.see({ width: 160, height: 90, y: new Uint8Array(160 * 90) }, 8e6)).toBe('open');
  });
});

describe('a room with a gate', () => {
  const lab = (gates: Record<string, typeof ROAD>, cameras: readonly string[]) =>
    playLab({ cameras: cameras.map((name) => evenCamera(name, 30)), modelMs: () => 30, gates }, 20);

  it('looks at an empty road twice a second, says so, and gives the time to the other camera', async () => {
    const alone = await lab({}, ['quiet', 'busy']);
    const gated = await lab({ quiet: ROAD }, ['quiet', 'busy']);
    const late = (played: typeof alone, name: string) =>
      (played.cameras[name]?.records ?? []).filter(({ s }) => s > 12).length / 8;
    expect(late(alone, 'busy')).toBeLessThan(18);
    expect(late(gated, 'quiet')).toBeCloseTo(2, 0);
    expect(late(gated, 'busy')).toBeGreaterThan(25);
    const quiet = gated.cameras['quiet'];
    expect(quiet?.records.at(-1)?.sampling).toEqual({ reason: 'empty_road', fps: 2, of: 30 });
    expect(gated.cameras['busy']?.records.at(-1)?.sampling?.reason).not.toBe('empty_road');
    expect(gated.row.gauge2).toBeGreaterThan(300);
    expect(quiet?.counts.committed).toBe(
      (quiet?.counts.consumed ?? 0) + (quiet?.counts.skipped ?? 0) + (quiet?.counts.inRing ?? 0),
    );
  });

  it('says nothing about a frame it did not look at: there is no record of it', async () => {
    const { cameras } = await lab({ quiet: ROAD }, ['quiet']);
    const { records = [], counts } = cameras['quiet'] ?? {};
    expect(records.length).toBe(counts?.consumed);
    expect(records.length).toBeLessThan(250);
  });
});

describe('the region of the road', () => {
  it('holds approach, line and zone with a margin, and no more than needed', () => {
    const region = new RoadRegion(ROAD);
    const at = (x: number, y: number) => region.touches({ bbox: [x, y, x + 1, y + 1] }, 1280, 720);
    expect([at(680, 200), at(680, 350), at(610, 490), at(680, 600), at(540, 300)]).toEqual(Array(5).fill(true));
    expect([at(100, 100), at(1200, 350), at(680, 700), at(680, 20)]).toEqual(Array(4).fill(false));
    // A box that only reaches into it counts.
    expect(region.touches({ bbox: [0, 0, 680, 300] }, 1280, 720)).toBe(true);
    expect(region.touches({ bbox: [300, 100, 340, 150] }, 640, 360)).toBe(true);
  });
});

describe('vehicles that have stood for long', () => {
  const box: Box = [100, 100, 200, 160];
  const near: Box = [103, 99, 204, 161];
  const elsewhere: Box = [160, 100, 260, 160];

  it('are no news after twenty seconds, are again after they moved, and are forgotten when they leave', () => {
    const still = new StillBoxes();
    const look = (s: number, ...boxes: Box[]) => still.hasNews(boxes, s * 1e6);
    const news = Array.from({ length: 25 }, (_, s) => look(s, s % 2 === 0 ? box : near));
    expect(news.lastIndexOf(true)).toBe(19);
    expect(look(25, box, elsewhere)).toBe(true);
    expect(look(26)).toBe(false);
    expect(look(32, box)).toBe(true);
  });
});
