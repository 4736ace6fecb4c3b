/** The tracking measures on cases small enough to count by hand, and on a pair with a published score. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMot } from '../../../../src/cli/track.ts';
import { parseLabels } from '../../../../src/cli/track-labels.ts';
import { withoutIgnored } from '../../../../src/domain/mot-metrics/ignored.ts';
import type { LabelledBox, LabelledFrame } from '../../../../src/domain/mot-metrics/labelled-frames.ts';
import { scoreTracks } from '../../../../src/domain/mot-metrics/score-tracks.ts';
import { sharedDir } from '../../../support/shared.ts';

/** A box 10 px wide and high, moved right by `x`. */
const at = (id: number, x: number): LabelledBox => ({ id, bbox: [x, 0, x + 10, 10] });
const frame = (truth: LabelledBox[], tracks: LabelledBox[]): LabelledFrame => ({ truth, tracks });
const repeat = (n: number, make: (k: number) => LabelledFrame): LabelledFrame[] =>
  Array.from({ length: n }, (_, k) => make(k));

describe('the tracking measures', () => {
  it('are all 1 for a perfect tracker, whatever it calls its tracks', () => {
    const score = scoreTracks(repeat(5, (k) => frame([at(1, k), at(2, 50 + k)], [at(70, 50 + k), at(8, k)])));
    expect(score).toMatchObject({
      objects: 2,
      tracks: 2,
      truthBoxes: 10,
      hota: { hota: 1, deta: 1, assa: 1, loca: 1 },
      clear: { mota: 1, motp: 1, misses: 0, falsePositives: 0, switches: 0, mostlyTracked: 2, mostlyLost: 0 },
      identity: { idf1: 1, idtp: 10, idfp: 0, idfn: 0 },
    });
  });

  it('count one switch when the track of an object changes half way', () => {
    const score = scoreTracks(repeat(4, (k) => frame([at(1, 0)], [at(k < 2 ? 1 : 2, 0)])));
    // 4 boxes, 1 switch; the best single track agrees in 2 of 4 frames.
    expect(score.clear).toMatchObject({ mota: 0.75, switches: 1, matches: 4 });
    expect(score.identity.idf1).toBe(0.5);
    // DetA 1; each match belongs to a pair with 2 frames together, 4 + 2 − 2 in all: AssA = ½.
    expect(score.hota?.deta).toBe(1);
    expect(score.hota?.assa).toBeCloseTo(0.5, 12);
    expect(score.hota?.hota).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it('count misses and false positives apart', () => {
    const score = scoreTracks([
      frame([at(1, 0), at(2, 100)], [at(1, 0)]),
      frame([at(1, 0), at(2, 100)], [at(1, 0), at(9, 200)]),
    ]);
    expect(score.clear).toMatchObject({ mota: 1 - 3 / 4, misses: 2, falsePositives: 1, switches: 0, mostlyLost: 1 });
    // 2 matches of 4 true boxes and 3 track boxes: 4 / 7, and 2 / (4 + 3 − 2).
    expect(score.identity.idf1).toBeCloseTo(4 / 7, 12);
    expect(score.hota?.deta).toBeCloseTo(2 / 5, 12);
  });

  it('keep the match of the frame before even when another track overlaps more', () => {
    // Track 2 lies better from the second frame on, but track 1 is still good enough (IoU 0.67).
    const score = scoreTracks([
      frame([at(1, 0)], [at(1, 0)]),
      frame([at(1, 0)], [at(1, 2), at(2, 0)]),
      frame([at(1, 0)], [at(1, 2), at(2, 0)]),
    ]);
    expect(score.clear).toMatchObject({ switches: 0, falsePositives: 2, misses: 0 });
  });

  it('count a switch over a gap in which the object was not seen', () => {
    const score = scoreTracks([frame([at(1, 0)], [at(1, 0)]), frame([at(1, 0)], []), frame([at(1, 0)], [at(2, 0)])]);
    expect(score.clear).toMatchObject({ switches: 1, misses: 1 });
  });

  it('take all overlaps from 0.05 to 0.95 into HOTA, half of them for half an overlap', () => {
    // Boxes moved by 10/3 px: IoU exactly ½, so 10 of the 19 thresholds hold (0.05 … 0.50).
    const score = scoreTracks(repeat(3, () => frame([at(1, 0)], [at(1, 10 / 3)])));
    expect(score.hota?.deta).toBeCloseTo(10 / 19, 9);
    expect(score.hota?.hota).toBeCloseTo(10 / 19, 9);
    expect(score.clear.mota).toBe(1);
  });

  it('have no value where there is nothing', () => {
    expect(scoreTracks([])).toMatchObject({ hota: null, clear: { mota: null }, identity: { idf1: null } });
    expect(scoreTracks([frame([at(1, 0)], [])])).toMatchObject({ hota: { hota: 0 }, clear: { mota: 0 } });
  });
});

describe('what is of no account', () => {
  const truth = {
    boxes: [
      { ...at(1, 0), isIgnored: false },
      { ...at(-1, 50), isIgnored: true },
    ],
    regions: [],
  };

  it('is not asked for, and whoever finds it is not blamed', () => {
    const kept = withoutIgnored(truth, [at(5, 0), at(6, 51), at(7, 200)], { leastHeightPx: 0 });
    expect(kept.truth.map(({ id }) => id)).toEqual([1]);
    expect(kept.tracks.map(({ id }) => id)).toEqual([5, 7]);
  });

  it('excuses boxes inside unlabelled regions and very small ones, unless they lie on an object', () => {
    const withRegion = { ...truth, regions: [[195, 0, 215, 10]] as const };
    expect(withoutIgnored(withRegion, [at(7, 200)], { leastHeightPx: 0 }).tracks).toEqual([]);
    expect(withoutIgnored(truth, [at(5, 1), at(7, 200)], { leastHeightPx: 25 }).tracks.map(({ id }) => id)).toEqual([
      5,
    ]);
  });
});

describe.skipIf(!sharedDir())('the CEM tracker on TUD-Campus', () => {
  it('gets the published score', () => {
    const text = (name: string) => readFileSync(join(sharedDir() ?? '', 'data/mot/tud-campus', name), 'utf8');
    const frames = [...parseLabels(text('gt.txt')).frames.values()];
    const tracks: LabelledBox[][] = frames.map(() => []);
    for (const { frame, id, left, top, width, height } of parseMot(text('test.txt'))) {
      tracks[frame - 1]?.push({ id, bbox: [left, top, left + width, top + height] });
    }
    const score = scoreTracks(frames.map(({ boxes }, k) => ({ truth: boxes, tracks: tracks[k] ?? [] })));
    // As py-motmetrics publishes it (to the digits it prints).
    expect(score.clear).toMatchObject({ switches: 7, falsePositives: 13, misses: 150 });
    expect((score.clear.mota as number).toFixed(3)).toBe('0.526');
    expect((score.identity.idf1 as number).toFixed(3)).toBe('0.558');
    // As TrackEval and py-motmetrics agree on it for this pair.
    expect(score.hota?.hota).toBeCloseTo(0.39139743784511, 12);
    expect(score.hota?.deta).toBeCloseTo(0.41804703014276, 12);
    expect(score.hota?.assa).toBeCloseTo(0.36912068120833, 12);
  });
});
