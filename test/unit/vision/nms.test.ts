import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, iou } from '../../../src/vision/candidate.ts';
import { mergeVehicles, nms } from '../../../src/vision/nms.ts';
import { MAX_DETECTIONS, tidyDetections } from '../../../src/vision/tidy-detections.ts';

const candidate: fc.Arbitrary<Candidate> = fc
  .record({
    x: fc.integer({ min: 0, max: 60 }),
    y: fc.integer({ min: 0, max: 60 }),
    w: fc.integer({ min: 1, max: 40 }),
    h: fc.integer({ min: 1, max: 40 }),
    score: fc.double({ min: 0.01, max: 1, noNaN: true }),
    classIndex: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ x, y, w, h, score, classIndex }) => ({ box: [x, y, x + w, y + h] as const, score, classIndex }));
const candidates = fc.array(candidate, { maxLength: 40 });
const threshold = fc.double({ min: 0.1, max: 0.9, noNaN: true });

describe('non-maximum suppression', () => {
  it('leaves no two of a class that overlap too much, best first', () => {
    fc.assert(
      fc.property(candidates, threshold, (all, maxIou) => {
        const kept = nms(all, maxIou);
        kept.forEach((a, i) => {
          for (const b of kept.slice(i + 1)) {
            expect(a.score).toBeGreaterThanOrEqual(b.score);
            if (a.classIndex === b.classIndex) expect(iou(a.box, b.box)).toBeLessThanOrEqual(maxIou);
          }
        });
      }),
    );
  });

  it('drops only what a better kept one of its class covers', () => {
    fc.assert(
      fc.property(candidates, threshold, (all, maxIou) => {
        const kept = nms(all, maxIou);
        for (const lost of all.filter((each) => !kept.includes(each))) {
          const covering = kept.filter((k) => k.classIndex === lost.classIndex && iou(k.box, lost.box) > maxIou);
          expect(covering.some((k) => k.score >= lost.score)).toBe(true);
        }
      }),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(candidates, threshold, (all, maxIou) => {
        const once = nms(all, maxIou);
        expect(nms(once, maxIou)).toEqual(once);
      }),
    );
  });

  it('keeps different classes on one box, the merge keeps one vehicle', () => {
    const car: Candidate = { box: [10, 10, 50, 40], score: 0.6, classIndex: 2 };
    const truck: Candidate = { box: [11, 10, 50, 40], score: 0.7, classIndex: 7 };
    const person: Candidate = { box: [10, 10, 50, 40], score: 0.3, classIndex: 0 };
    const all = nms([car, truck, person], 0.5);
    expect(all).toHaveLength(3);
    expect(mergeVehicles(all, new Set([2, 5, 7]))).toEqual([truck, person]);
  });

  it('does not merge a car in front of a truck', () => {
    const truck: Candidate = { box: [0, 0, 100, 100], score: 0.7, classIndex: 7 };
    const car: Candidate = { box: [0, 30, 100, 100], score: 0.6, classIndex: 2 };
    expect(mergeVehicles([truck, car], new Set([2, 7]))).toHaveLength(2);
  });
});

describe('tidy detections', () => {
  const at = { left: 0, top: 0, width: 100, height: 100, source: { width: 200, height: 100 } };
  const names = ['person', 'bicycle', 'car'];

  it('rounds to hundredths and four digits, clips, and names the class', () => {
    const raw: Candidate = { box: [10.12345, 20.98765, 120, 30], score: 0.123456, classIndex: 2 };
    expect(tidyDetections([raw], at, names)).toEqual([{ bbox: [20.25, 20.99, 200, 30], score: 0.1235, class: 'car' }]);
  });

  it('leaves out what is no number, unknown, or thinner than a pixel', () => {
    const good: Candidate = { box: [1, 1, 20, 20], score: 0.5, classIndex: 0 };
    const bad: Candidate[] = [
      { ...good, score: Number.NaN },
      { ...good, box: [1, 1, Number.POSITIVE_INFINITY, 20] },
      { ...good, box: [5, 5, 5.2, 20] },
      { ...good, box: [120, 1, 140, 20] },
      { ...good, classIndex: 3 },
    ];
    expect(tidyDetections([...bad, good], at, names)).toHaveLength(1);
  });

  it('never gives more than a record holds', () => {
    const many = Array.from({ length: 500 }, (): Candidate => ({ box: [1, 1, 9, 9], score: 0.5, classIndex: 0 }));
    expect(tidyDetections(many, at, names)).toHaveLength(MAX_DETECTIONS);
  });
});
