import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assign, assignWithin } from '../../../src/domain/tracking/assignment.ts';

/** Cheapest assignment by trying them all. */
function bruteForce(cost: number[][], rows: number, columns: number): number {
  if (rows > columns) {
    const turned = Array.from({ length: columns }, (_, j) => Array.from({ length: rows }, (_, i) => cost[i]?.[j] ?? 0));
    return bruteForce(turned, columns, rows);
  }
  const best = (row: number, used: number): number => {
    if (row === rows) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < columns; j++) {
      if (used & (1 << j)) continue;
      least = Math.min(least, (cost[row]?.[j] ?? 0) + best(row + 1, used | (1 << j)));
    }
    return least;
  };
  return best(0, 0);
}

it('is as cheap as the best of all assignments', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }).chain((rows) =>
        fc.integer({ min: 1, max: 6 }).chain((columns) =>
          fc.array(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: columns, maxLength: columns }), {
            minLength: rows,
            maxLength: rows,
          }),
        ),
      ),
      (cost) => {
        const rows = cost.length;
        const columns = cost[0]?.length ?? 0;
        const columnOf = assign(Float64Array.from(cost.flat()), rows, columns);
        const taken = [...columnOf].filter((j) => j >= 0);
        expect(new Set(taken).size).toBe(taken.length);
        expect(taken.length).toBe(Math.min(rows, columns));
        const sum = [...columnOf].reduce((total, j, i) => total + (j < 0 ? 0 : (cost[i]?.[j] ?? 0)), 0);
        expect(sum).toBeCloseTo(bruteForce(cost, rows, columns), 9);
      },
    ),
  );
});

it('is the same cluster by cluster as in the whole', () => {
  const size = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(size, size, fc.infiniteStream(fc.double({ min: 0, max: 3, noNaN: true })), (rows, columns, dice) => {
      const limit = 0.8;
      const cost = Array.from({ length: rows }, () =>
        Array.from({ length: columns }, () => dice.next().value as number),
      );
      const levelled = cost.flat().map((c) => (c <= limit ? c : limit + 1e-4));
      const whole = assign(Float64Array.from(levelled), rows, columns);
      const expected = [...whole].flatMap((j, i) => (j >= 0 && (cost[i]?.[j] ?? 9) <= limit ? [[i, j]] : []));
      const { pairs, freeRows, freeColumns } = assignWithin(rows, columns, (i, j) => cost[i]?.[j] ?? 9, limit);
      expect(pairs).toEqual(expected);
      expect(freeRows).toHaveLength(rows - pairs.length);
      expect(freeColumns).toHaveLength(columns - pairs.length);
    }),
    { numRuns: 300 },
  );
});

it('gives up pairs above the limit and keeps the rest', () => {
  const cost = [
    [0.1, 0.9],
    [0.95, 0.9],
  ];
  const result = assignWithin(2, 2, (i, j) => cost[i]?.[j] ?? 0, 0.8);
  expect(result).toEqual({ pairs: [[0, 0]], freeRows: [1], freeColumns: [1] });
});

it('has nothing to pair when one side is empty', () => {
  expect(assignWithin(0, 2, () => 0, 1)).toEqual({ pairs: [], freeRows: [], freeColumns: [0, 1] });
  expect(assignWithin(2, 0, () => 0, 1)).toEqual({ pairs: [], freeRows: [0, 1], freeColumns: [] });
});
