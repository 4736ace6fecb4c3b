/** The predecessor's scorer, every outcome of it, and its verdict and rank. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlapsWithArea } from '../../../../src/domain/legacy/overlap.ts';
import { judgeInPixels } from '../../../../src/domain/legacy/pixel-judge.ts';
import { readRawPayload } from '../../../../src/domain/legacy/raw-payload.ts';
import {
  type LegacyGeometry,
  type LegacyRow,
  percentile,
  scoreRows,
} from '../../../../src/domain/legacy/score-rows.ts';
import { legacyRank, legacyVerdict } from '../../../../src/domain/legacy/verdict.ts';

const geometry: LegacyGeometry = {
  zone: [
    [900, 700],
    [1150, 700],
    [1150, 860],
    [900, 860],
  ],
  preStopLine: [
    [1660, 650],
    [1660, 900],
  ],
  threshold: 20,
};

/** A box of 120 × 100 about (x, y). */
const row = (t: number, x: number, y: number, rawSpeed: number, top = y - 50, bottom = y + 50): LegacyRow => ({
  t,
  x,
  y,
  x1: x - 60,
  y1: top,
  x2: x + 60,
  y2: bottom,
  rawSpeed,
});

const example = [
  row(1000.0, 1320, 740, 80),
  row(1000.1, 1200, 740, 80),
  row(1000.2, 1100, 750, 45, 705, 805),
  row(1000.4, 1030, 760, 10),
  row(1000.6, 950, 760, 55),
];

describe('the example', () => {
  it('gives every figure to the digit', () => {
    const score = scoreRows(example, geometry);
    expect(score).toMatchObject({ outcome: 'pass', entryUtc: 1000.1, exitUtc: 1000.6, minSpeed: 15.25, samples: 4 });
    expect(score.timeInZoneS).toBe(1000.6 - 1000.1);
    expect(score.stopDurationS).toBe(1000.4 - 1000.2);
    expect(score.progress).toBe(370.1459854468703);
    expect(legacyVerdict(score)).toBe('No Stop');
  });

  it('is judged in pixels beside it, without a speed', () => {
    expect(judgeInPixels(example, geometry)).toMatchObject({
      ok: true,
      verdict: 'indeterminate',
      reason: expect.stringContaining('uncalibrated'),
    });
  });
});

describe('every other outcome', () => {
  const inside = (t: number, x = 1030, speed = 50) => row(t, x, 760, speed);
  it.each<[string, readonly LegacyRow[], Partial<LegacyGeometry>]>([
    ['too_few_samples', [inside(0)], {}],
    ['bad_geometry', example, { zone: geometry.zone.slice(0, 2) }],
    ['bad_geometry', example, { preStopLine: geometry.preStopLine.slice(0, 1) }],
    ['never_in_zone', [row(0, 400, 300, 50), row(1, 300, 300, 50)], {}],
    ['zone_too_short', [inside(0, 1100), inside(0.19)], {}],
    ['zone_timeout', [inside(0, 1100), inside(60.01)], {}],
    [
      'bad_approach',
      example,
      {
        preStopLine: [
          [1025, 700],
          [1025, 860],
        ],
      },
    ],
    ['insufficient_progress', [inside(0), inside(0.2, 1031), inside(0.4, 1029)], {}],
  ])('%s', (outcome, rows, over) => {
    expect(scoreRows(rows, { ...geometry, ...over }).outcome).toBe(outcome);
  });

  it('asks in this order: geometry before the zone, the time before the approach', () => {
    expect(scoreRows([inside(0)], { ...geometry, zone: [] }).outcome).toBe('too_few_samples');
    expect(
      scoreRows([inside(0), inside(0.1)], {
        ...geometry,
        preStopLine: [
          [1025, 780],
          [1025, 780],
        ],
      }).outcome,
    ).toBe('zone_too_short');
  });

  it('keeps to its limits: 0.2 s and 60 s are in, 20 pixels are enough', () => {
    expect(scoreRows([inside(0, 1051), inside(0.2, 1030)], geometry).outcome).toBe('pass');
    expect(scoreRows([inside(0, 1051), inside(60, 1030)], geometry).outcome).toBe('pass');
  });
});

describe('the run in the zone', () => {
  const out = (t: number) => row(t, 400, 300, 50);
  it('is the longest in time, not in rows, and not the sum of all', () => {
    const rows = [
      row(0, 1100, 760, 50),
      row(0.1, 1090, 760, 50),
      row(0.2, 1080, 760, 50),
      out(0.3),
      row(1, 1050, 760, 50),
      row(2, 950, 760, 50),
      out(3),
    ];
    expect(scoreRows(rows, geometry)).toMatchObject({ outcome: 'pass', entryUtc: 1, exitUtc: 2, samples: 2 });
  });

  it('takes the way from thirty rows before it', () => {
    const before = Array.from({ length: 40 }, (_, i) => row(i / 10, 3000 - 40 * i, 760, 50));
    const rows = [...before, row(4.1, 1100, 760, 50), row(4.6, 1000, 760, 50)];
    const start = scoreRows(rows, geometry);
    const first = rows.findIndex((r) => r.x1 < 1150);
    expect(start.progress).toBeCloseTo((rows[first - 30] as LegacyRow).x - 1000, 0);
  });

  it('does not count a box that only touches the zone', () => {
    const box = [1150, 700, 1250, 800] as const;
    expect(overlapsWithArea(geometry.zone, box)).toBe(false);
    expect(overlapsWithArea(geometry.zone, [1149.9, 700, 1250, 800])).toBe(true);
  });

  it('sees a box within the zone, a zone within the box, and a corner that reaches in', () => {
    expect(overlapsWithArea(geometry.zone, [1000, 750, 1010, 760])).toBe(true);
    expect(overlapsWithArea(geometry.zone, [0, 0, 3000, 3000])).toBe(true);
    const triangle = [
      [0, 0],
      [100, 0],
      [0, 100],
    ] as const;
    expect(overlapsWithArea(triangle, [49, 49, 90, 90])).toBe(true);
    expect(overlapsWithArea(triangle, [51, 51, 90, 90])).toBe(false);
  });

  it('agrees with counting points on random triangles', () => {
    const n = fc.integer({ min: 0, max: 24 });
    fc.assert(
      fc.property(fc.tuple(n, n, n, n, n, n), fc.tuple(n, n, n, n), (t, b) => {
        const triangle = [
          [t[0], t[1]],
          [t[2], t[3]],
          [t[4], t[5]],
        ] as const;
        const box = [Math.min(b[0], b[2]), Math.min(b[1], b[3]), Math.max(b[0], b[2]), Math.max(b[1], b[3])] as const;
        const side = (i: number, x: number, y: number) => {
          const [p, q] = [triangle[i] as readonly [number, number], triangle[(i + 1) % 3] as readonly [number, number]];
          return (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]);
        };
        let isAny = false;
        for (let x = box[0] + 0.053; x < box[2]; x += 0.107) {
          for (let y = box[1] + 0.051; y < box[3]; y += 0.103) {
            const sides = [0, 1, 2].map((i) => side(i, x, y));
            isAny ||= sides.every((s) => s > 0) || sides.every((s) => s < 0);
          }
        }
        // A point inside both is proof; slivers may lie between the points.
        if (isAny) expect(overlapsWithArea(triangle, box)).toBe(true);
        const isApart = Math.max(t[0], t[2], t[4]) <= box[0] || Math.min(t[0], t[2], t[4]) >= box[2];
        if (isApart) expect(overlapsWithArea(triangle, box)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe('figures', () => {
  it('interpolates percentiles between order statistics', () => {
    expect(percentile([80, 45, 10, 55], 5)).toBe(15.25);
    expect(percentile([7], 5)).toBe(7);
    expect(percentile([0, 10], 75)).toBe(7.5);
  });

  it('counts a speed at the threshold as stopped, and time that runs back as none', () => {
    const rows = [row(0, 1100, 760, 50), row(1, 1050, 760, 20), row(0.5, 1040, 760, 10), row(2, 1000, 760, 20.01)];
    expect(scoreRows(rows, geometry)).toMatchObject({ outcome: 'pass', stopDurationS: 1, timeInZoneS: 2 });
  });

  const passed = { ...scoreRows(example, geometry) };
  it.each([
    [2, 1.2, 11.99, 'Full Stop'],
    [2, 1.2, 12, 'Rolling Stop'],
    [2, 1.19, 0, 'Rolling Stop'],
    [1.99, 1.9, 0, 'Rolling Stop'],
    [1.5, 0, 99, 'Rolling Stop'],
    [1.49, 1.4, 0, 'No Stop'],
  ])('%s s in the zone, %s s stopped, %s px/s: %s', (timeInZoneS, stopDurationS, minSpeed, verdict) => {
    expect(legacyVerdict({ ...passed, timeInZoneS, stopDurationS, minSpeed })).toBe(verdict);
  });

  it('ranks by time in the zone among passes below 30 s, rounding halves to even', () => {
    expect(legacyRank(2, [1, 2, 3, 4, 30, 500])).toEqual({ score: 50, n: 4 });
    expect(legacyRank(1, [1, 2, 3, 4, 5, 6, 7, 8])).toEqual({ score: 12, n: 8 });
    expect(legacyRank(1, [])).toEqual({ score: 0, n: 0 });
  });
});

describe('a raw payload', () => {
  const payload = {
    sample_schema: ['t', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'raw_speed', 'speed'],
    samples: [
      ...example.map(({ t, x, y, x1, y1, x2, y2, rawSpeed }) => [t, x, y, x1, y1, x2, y2, rawSpeed, 0]),
      [1001, null, 'x', 0, 0, 0, 0, 0, 0],
    ],
    dimensions: { raw: { width: 2000, height: 1000 } },
    config_snapshot: {
      video_processing: { scale: 0.5, crop_top: 0.1, crop_side: 0.05 },
      stopsign_detection: {
        stop_zone: geometry.zone.map(([x, y]) => [x / 0.5 + 100, y / 0.5 + 100]),
        pre_stop_line: geometry.preStopLine.map(([x, y]) => [x / 0.5 + 100, y / 0.5 + 100]),
        in_zone_time_threshold: 0.1,
      },
    },
  };

  it('brings its points into the pixels of its rows, and leaves out rows that are no numbers', () => {
    const pass = readRawPayload(payload);
    expect(pass.geometry).toEqual({ ...geometry, minZoneTimeS: 0.1 });
    expect(pass.skipped).toBe(1);
    expect(scoreRows(pass.rows, pass.geometry)).toEqual(scoreRows(example, geometry));
  });

  it.each([
    ['null', null],
    ['a number', 7],
    ['one number', [5]],
    ['words', ['a', 'b']],
    ['something that is no number', [5, null]],
  ])('with %s for a corner is refused with a remedy that names the key', (_, corner) => {
    const detection = { ...payload.config_snapshot.stopsign_detection, stop_zone: [corner, [1, 2], [3, 4]] };
    const broken = { ...payload, config_snapshot: { stopsign_detection: detection } };
    expect(() => readRawPayload(broken)).toThrow(
      expect.objectContaining({
        name: 'StopsignError',
        code: 'BAD_INPUT',
        message: expect.stringContaining('stop_zone'),
        remedy: expect.stringContaining('stop_zone'),
      }),
    );
  });
});

describe('the judge in pixels', () => {
  it('takes more rows than a call has room for arguments', () => {
    const many = Array.from({ length: 140_000 }, (_, i) => ({ ...(example[0] as LegacyRow), t: 1000 + i * 0.05 }));
    expect(judgeInPixels(many, geometry)).toEqual({ ok: false, reason: expect.any(String) });
  });
});
