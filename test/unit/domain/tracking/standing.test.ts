/** What makes a standing vehicle move off in the eyes of the analyzer, and what does not. */
import { describe, expect, it } from 'vitest';
import { newStanding, type Sighting, standingBox, updateStanding } from '../../../../src/domain/stop/standing.ts';
import type { Box } from '../../../../src/domain/types.ts';
import { seeded } from '../synthetic-scene.ts';

const CAR: Box = [300, 100, 380, 150];
const FPS = 15;

/** Stands for two seconds, then does what it is told; half a pixel of noise on each edge. */
function watch(then: (t: number) => Box, seconds = 3) {
  const { normal } = seeded(3);
  const standing = newStanding();
  const samples: Sighting[] = [];
  const told: string[] = [];
  for (let k = 0; k < (2 + seconds) * FPS; k++) {
    const tsUtc = k / FPS;
    const exact = tsUtc < 2 ? CAR : then(tsUtc - 2);
    samples.push({ tsUtc, box: exact.map((v) => v + 0.5 * normal()) as unknown as Box });
    const change = updateStanding(standing, samples, true);
    if (change) told.push(change.type);
  }
  return { told, place: standingBox(standing) };
}

const moved = (dx: number, dy = 0): Box => [CAR[0] + dx, CAR[1] + dy, CAR[2] + dx, CAR[3] + dy];

describe('a standing vehicle', () => {
  it('moves off when all of it goes, sideways or straight to or from the camera', () => {
    expect(watch((t) => moved(30 * t * t)).told).toEqual(['stopped', 'moved_off']);
    expect(watch((t) => moved(-20 * t)).told).toEqual(['stopped', 'moved_off']);
    const scaled = (by: number): Box => [340 - 40 * by, 150 - 50 * by, 340 + 40 * by, 150 + 20 * (by - 1)];
    expect(watch((t) => scaled(1 + 0.3 * t)).told).toEqual(['stopped', 'moved_off']);
  });

  it('stands while somebody who passes is read as one with it', () => {
    // The right and the lower edge go out and come back.
    const { told, place } = watch((t) => {
      const push = Math.max(0, 60 * Math.sin((Math.PI * t) / 2));
      return [CAR[0], CAR[1], CAR[2] + push, CAR[3] + push / 3];
    });
    expect(told).toEqual(['stopped']);
    place.forEach((edge, k) => {
      expect(Math.abs(edge - (CAR[k] as number))).toBeLessThan(5);
    });
  });

  it('stands while somebody who passes hides one side after the other', () => {
    const { told } = watch((t) =>
      t < 1 ? [300, 100, 380 - 40 * t, 150] : [300 + 40 * Math.min(1, t - 1), 100, 380, 150],
    );
    expect(told).toEqual(['stopped']);
  });

  it('stands when its box jumps and stays, and has its place there from then on', () => {
    const { told, place } = watch(() => moved(18));
    expect(told).toEqual(['stopped']);
    expect(Math.abs(place[0] - 318)).toBeLessThan(2);
  });
});

describe('a driving vehicle', () => {
  it('does not stand when it drives straight away and hardly moves in the picture', () => {
    const { normal } = seeded(5);
    const standing = newStanding();
    const samples: Sighting[] = [];
    for (let k = 0; k < 60; k++) {
      const by = 30 / (30 + k);
      const exact = [340 - 20 * by, 140 - 30 * by, 340 + 20 * by, 140];
      samples.push({ tsUtc: k / FPS, box: exact.map((v) => v + 0.2 * normal()) as unknown as Box });
      expect(updateStanding(standing, samples, true), `frame ${k}`).toBeNull();
    }
  });
});
