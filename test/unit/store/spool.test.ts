/** The journal on disk: order, torn lines, budget, and what survives a crash at any moment. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../src/rpc/records.ts';
import { Spool, type SpoolOptions } from '../../../src/store/spool.ts';

interface TestFolder extends Disposable {
  readonly dir: string;
}

function folder(): TestFolder {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-spool-'));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

const fact = (n: number, kind = 'event', pad = ''): Uint8Array => encodeRecord({ kind, n, pad });
const numbers = (lines: readonly string[]): number[] => lines.map((line) => (JSON.parse(line) as { n: number }).n);

function readAll(spool: Spool, limit = 1_000): number[] {
  const all: number[] = [];
  while (spool.pendingBytes > 0) {
    const batch = spool.read(limit);
    all.push(...numbers(batch.lines));
    spool.release(batch);
  }
  return all;
}

const onDisk = (dir: string): number => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

describe('the spool', () => {
  it('gives the facts back in order, and the same ones until they are released', () => {
    using at = folder();
    const spool = new Spool({ dir: at.dir });
    for (let n = 0; n < 5; n += 1) spool.append(fact(n));
    const first = spool.read(3);
    expect(numbers(first.lines)).toEqual([0, 1, 2]);
    expect(numbers(spool.read(3).lines)).toEqual([0, 1, 2]);
    spool.release(first);
    expect(readAll(spool)).toEqual([3, 4]);
    spool.close();
  });

  it('leaves nothing on disk once all is released, and no file once it is closed', () => {
    using at = folder();
    const spool = new Spool({ dir: at.dir });
    spool.append(fact(1));
    readAll(spool);
    expect(spool.pendingBytes).toBe(0);
    expect(onDisk(at.dir)).toBe(0);
    spool.append(fact(2));
    expect(readAll(spool)).toEqual([2]);
    spool.close();
    expect(readdirSync(at.dir)).toEqual([]);
  });

  it('keeps what comes while a batch is under way', () => {
    using at = folder();
    const spool = new Spool({ dir: at.dir });
    spool.append(fact(1));
    const batch = spool.read(10);
    spool.append(fact(2));
    spool.release(batch);
    expect(readAll(spool)).toEqual([2]);
    spool.close();
  });

  it('ignores a line that a crash has torn, and goes on in a new segment', () => {
    using at = folder();
    const crashed = new Spool({ dir: at.dir });
    crashed.append(fact(1));
    crashed.append(fact(2));
    const [name] = readdirSync(at.dir) as [string];
    appendFileSync(join(at.dir, name), '{"kind":"event","n":3,"pa');
    const spool = new Spool({ dir: at.dir });
    spool.append(fact(4));
    expect(readAll(spool)).toEqual([1, 2, 4]);
    spool.close();
    expect(readdirSync(at.dir)).toEqual([]);
  });

  it('survives a file that was filled with zeros by a loss of power', () => {
    using at = folder();
    const crashed = new Spool({ dir: at.dir });
    crashed.append(fact(1));
    const [name] = readdirSync(at.dir) as [string];
    truncateSync(join(at.dir, name), 5_000);
    const spool = new Spool({ dir: at.dir });
    expect(readAll(spool)).toEqual([1]);
    spool.close();
  });

  it('reads a line that is longer than a read', () => {
    using at = folder();
    const spool = new Spool({ dir: at.dir });
    spool.append(fact(1));
    spool.append(fact(2, 'event', 'x'.repeat(3_000_000)));
    spool.append(fact(3));
    expect(readAll(spool)).toEqual([1, 2, 3]);
    spool.close();
  });

  it('deletes each segment when it is done with it', () => {
    using at = folder();
    const spool = new Spool({ dir: at.dir, segmentBytes: 200 });
    for (let n = 0; n < 20; n += 1) spool.append(fact(n));
    const before = readdirSync(at.dir).length;
    expect(before).toBeGreaterThan(3);
    const first = spool.read(1_000);
    spool.release(first);
    expect(readdirSync(at.dir).length).toBe(before - 1);
    expect(readAll(spool)).toHaveLength(20 - first.lines.length);
    spool.close();
  });

  it('sheds frames first, then tracks and metrics, and events never', () => {
    using at = folder();
    const spool = new Spool({ dir: at.dir, maxBytes: 8_000, segmentBytes: 1_000 });
    const pad = 'x'.repeat(70);
    const fill = (kind: string): number => {
      let kept = 0;
      while (spool.append(fact(0, kind, pad))) kept += 1;
      return kept;
    };
    fill('frame');
    expect(spool.pendingBytes).toBeGreaterThan(6_800);
    expect(spool.pendingBytes).toBeLessThanOrEqual(7_000);
    expect(fill('track')).toBeGreaterThan(5);
    expect(spool.pendingBytes).toBeLessThanOrEqual(8_000);
    expect(spool.append(fact(0, 'metrics', pad))).toBe(false);
    for (let n = 0; n < 100; n += 1) expect(spool.append(fact(n, 'event', pad))).toBe(true);
    readAll(spool);
    expect(spool.append(fact(0, 'frame', pad))).toBe(true);
    spool.close();
  });

  it('takes facts straight from shared memory', () => {
    using at = folder();
    const spool = new Spool({ dir: at.dir });
    const shared = new Uint8Array(new SharedArrayBuffer(64));
    const bytes = fact(7);
    shared.set(bytes, 8);
    spool.append(shared.subarray(8, 8 + bytes.length));
    expect(readAll(spool)).toEqual([7]);
    spool.close();
  });

  it('can be closed twice, and a late release after that does no harm', async () => {
    using at = folder();
    const spool = new Spool({ dir: at.dir });
    spool.append(fact(1));
    const batch = spool.read(1);
    await spool.sync();
    spool.close();
    spool.close();
    spool.release(batch);
    expect(readFileSync(join(at.dir, readdirSync(at.dir)[0] as string), 'utf8')).toContain('"n":1');
  });

  it('delivers every fact at least once and in order, wherever it crashes and however it is read', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), pad: fc.nat(120) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('store' as const), limit: fc.integer({ min: 1, max: 9 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 9 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), torn: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        using at = folder();
        const options: SpoolOptions = { dir: at.dir, segmentBytes: 300 };
        let spool = new Spool(options);
        let next = 0;
        const delivered: number[] = [];
        const store = (limit: number): void => {
          const batch = spool.read(limit);
          delivered.push(...numbers(batch.lines));
          spool.release(batch);
        };
        for (const action of steps) {
          if (action.do === 'append') spool.append(fact(next++, 'event', 'x'.repeat(action.pad)));
          else if (action.do === 'store') store(action.limit);
          else if (action.do === 'read') spool.read(action.limit);
          else {
            if (action.do === 'close') spool.close();
            else appendFileSync(join(at.dir, readdirSync(at.dir).sort().at(-1) as string), 'x'.repeat(action.torn));
            spool = new Spool(options);
          }
        }
        while (spool.pendingBytes > 0) store(7);
        spool.close();
        // At least once: what was delivered, each the first time it came, is everything, in order.
        expect([...new Set(delivered)]).toEqual(Array.from({ length: next }, (_, n) => n));
      }),
      { numRuns: 80 },
    );
  });
});
