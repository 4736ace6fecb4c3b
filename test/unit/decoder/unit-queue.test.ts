import { describe, expect, it } from 'vitest';
import { UnitQueue } from '../../../src/actors/decoder/unit-queue.ts';
import type { AccessUnit } from '../../../src/media/access-unit.ts';

const unit = (rtp: number, key = false, epoch = 1): AccessUnit => ({
  epoch,
  rtp,
  key,
  utcUs: 0,
  utcSource: 'arrival',
  receivedUs: 0,
  codec: 'h264',
  data: new Uint8Array(0),
});

const drain = (queue: UnitQueue): number[] => {
  const rtps: number[] = [];
  for (let next = queue.tryTake(); next; next = queue.tryTake()) rtps.push(next.rtp);
  return rtps;
};

describe('the queue before the decoder', () => {
  it('begins with a key unit', () => {
    const queue = new UnitQueue(8);
    expect([unit(1), unit(2, true), unit(3)].map((u) => queue.push(u))).toEqual([1, 0, 0]);
    expect(drain(queue)).toEqual([2, 3]);
  });

  it('throws everything away up to the next key unit when decoding cannot keep up', () => {
    const queue = new UnitQueue(3);
    const lost = [unit(1, true), unit(2), unit(3), unit(4), unit(5), unit(6, true), unit(7)].map((u) => queue.push(u));
    expect(lost).toEqual([0, 0, 0, 4, 1, 0, 0]);
    expect(drain(queue)).toEqual([6, 7]);
  });

  it('needs a key unit of the new session after a reconnect', () => {
    const queue = new UnitQueue(8);
    queue.push(unit(1, true));
    expect([unit(2, false, 2), unit(3, true, 2)].map((u) => queue.push(u))).toEqual([1, 0]);
    expect(drain(queue)).toEqual([1, 3]);
  });

  it('goes on from a key unit that already waits after the decoder failed', () => {
    const queue = new UnitQueue(8);
    for (const u of [unit(1, true), unit(2), unit(3, true), unit(4)]) queue.push(u);
    queue.tryTake();
    expect(queue.waitForKey()).toBe(1);
    expect(drain(queue)).toEqual([3, 4]);
  });
});
