/** Facts that wait for the persister: how many and how large, and what would end with the process. */
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../src/actors/tracker/outbox.ts';
import type { Fact } from '../../../src/rpc/records.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';

function place(capacity: number) {
  const memory = RecordRing.allocate({ capacity });
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  const reader = new RecordRingReader(memory);
  return {
    ring: new RecordRingWriter(memory, bell),
    open: () => new Outbox(new RecordRingWriter(memory, bell)),
    take: (limit = 1e9) => reader.drain(() => {}, limit),
  };
}

const event = (id: string, bytes = 0): Fact => ({
  kind: 'event',
  event: { type: 'incident', id, camera: 'a', ts_utc: 0, detail: { words: 'x'.repeat(bytes) } },
});
const ids = (outbox: Outbox): readonly string[] =>
  outbox.untold().map((text) => (JSON.parse(text) as { event: { id: string } }).event.id);

describe('an outbox', () => {
  it('is full of a few large facts as well as of many small ones', () => {
    const large = place(2 ** 20).open();
    let facts = 0;
    while (!large.isFull && facts < 1_000) large.put(event(`${facts++}`, 400_000));
    expect(facts).toBeLessThan(30);
    const small = place(256).open();
    facts = 0;
    while (!small.isFull && facts < 10_000) small.put(event(`${facts++}`));
    expect(facts).toBeGreaterThanOrEqual(1_000);
    expect(facts).toBeLessThan(1_010);
  });

  it('has room again when what waited has left', () => {
    const p = place(2 ** 20);
    const outbox = p.open();
    for (let n = 0; !outbox.isFull; n++) outbox.put(event(`${n}`, 400_000));
    while (outbox.length > 0) {
      p.take();
      outbox.flush();
    }
    expect(outbox.isFull).toBe(false);
    for (let n = 0; !outbox.isFull; n++) outbox.put(event(`${n}`, 400_000));
    expect(outbox.length).toBeGreaterThan(15);
  });

  it('knows what nobody has taken, in the ring and before it', () => {
    const p = place(2 ** 10);
    const outbox = p.open();
    for (let n = 0; n < 8; n++) outbox.put(event(`${n}`, 100));
    expect(outbox.length).toBeGreaterThan(0);
    expect(ids(outbox)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    p.take(2);
    expect(ids(outbox)).toEqual(['2', '3', '4', '5', '6', '7']);
    for (let turns = 0; turns < 4; turns++) {
      p.take();
      outbox.flush();
    }
    expect(ids(outbox)).toEqual([]);
  });

  it('leaves out what comes again by itself', () => {
    const outbox = place(2 ** 16).open();
    const track = { trackId: 1, ended: false } as never;
    outbox.put({ kind: 'track', track });
    outbox.put({ kind: 'frame', record: {} as never });
    expect(outbox.untold()).toEqual([]);
    outbox.put({ kind: 'track', track: { trackId: 1, ended: true } as never });
    expect(outbox.untold()).toHaveLength(1);
  });

  it('answers for what a predecessor left in the ring, also while the persister stands still', () => {
    const p = place(2 ** 10);
    const former = p.open();
    // Over the end of the ring's memory, where records wrap.
    for (let n = 0; n < 5; n++) {
      former.put(event(`taken ${n}`, 60));
      p.take();
    }
    former.put({ kind: 'frame', record: {} as never });
    former.put(event('former'));
    former.put(event('former too'));
    const outbox = p.open();
    outbox.put(event('own'));
    expect(ids(outbox)).toEqual(['former', 'former too', 'own']);
    p.take(2);
    expect(ids(outbox)).toEqual(['former too', 'own']);
    p.take(1);
    expect(ids(outbox)).toEqual(['own']);
    p.take();
    expect(ids(outbox)).toEqual([]);
  });

  it('tells again what the last process was left with', () => {
    const first = place(2 ** 16).open();
    first.put(event('left'));
    const second = place(2 ** 16).open();
    for (const text of first.untold()) second.putAgain(text);
    expect(ids(second)).toEqual(['left']);
  });
});
