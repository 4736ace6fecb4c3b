/** State as data and back: sharing, cycles, classes, odd numbers; what cannot be data is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freezeGraph, type GraphKinds, thawGraph } from '../../../../src/domain/snapshot/graph.ts';

class Point {
  x: number;
  private readonly secret = new Map([['a', 1]]);
  constructor(x: number) {
    this.x = x;
  }
  get double(): number {
    return 2 * this.x + (this.secret.get('a') ?? 0);
  }
}
const kinds: GraphKinds = { classes: { Point }, externals: {} };
const roundTrip = <T extends object>(value: T, over: GraphKinds = kinds): T =>
  thawGraph(JSON.parse(JSON.stringify(freezeGraph(value, over))), over) as T;

describe('a state as data', () => {
  it('comes back equal, whatever it holds', () => {
    const leaf = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.constant(undefined));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree')),
        fc.dictionary(fc.string(), tie('tree'), { noNullPrototype: true }),
        fc.array(fc.tuple(fc.string(), tie('tree'))).map((entries) => new Map(entries)),
        fc.array(leaf).map((items) => new Set(items)),
        fc.array(fc.double()).map((numbers) => Float64Array.from(numbers)),
        fc.double().map((x) => new Point(x)),
      ),
    }));
    fc.assert(
      fc.property(fc.array(tree), (value) => {
        expect(roundTrip(value)).toStrictEqual(value);
      }),
    );
  });

  it('keeps what two share shared, and cycles closed', () => {
    const shared = new Point(3);
    const a: { shared: Point; self?: object } = { shared };
    a.self = a;
    const back = roundTrip([a, shared, new Map([[1, shared]])] as const);
    expect(back[0].shared).toBe(back[1]);
    expect(back[2].get(1)).toBe(back[1]);
    expect(back[0].self).toBe(back[0]);
    expect(back[1].double).toBe(7);
  });

  it('takes what both sides have from where it is', () => {
    const external = { far: () => 1 };
    const over = { ...kinds, externals: { external } };
    expect(roundTrip({ external }, over).external).toBe(external);
  });

  it('refuses functions and unknown classes, with the place', () => {
    expect(() => freezeGraph({ a: [{ b: () => 1 }] }, kinds)).toThrow('function at state.a[0].b');
    expect(() => freezeGraph({ a: new Map([['k', new Date()]]) }, kinds)).toThrow('class Date at state.a[k]');
  });

  it('refuses data that it did not write', () => {
    expect(() => thawGraph({ root: [9, 1], shared: [], shapes: [] }, kinds)).toThrow('tag 9');
    expect(() => thawGraph({ root: [1, 1], shared: [], shapes: [['Gone', 'x']] }, kinds)).toThrow('class Gone');
    expect(() => thawGraph({ root: [-4, 0], shared: [], shapes: [] }, kinds)).toThrow('shared 0');
  });
});
