import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';
import { EventHash } from '../../../src/domain/event-hash.ts';
import { eventId } from '../../../src/domain/event-id.ts';
import type { MomentEvent } from '../../../src/domain/types.ts';

const moment = (ts: number): MomentEvent => ({
  type: 'stopped',
  id: eventId(ts, 'demo', 'stopped', 7),
  camera: 'demo',
  track_id: 7,
  vehicle: 'car',
  ts_utc: ts,
});

describe('event ids', () => {
  it('are the same for the same event and 26 Crockford characters long', () => {
    expect(eventId(1726179150.123, 'demo', 'pass', 12)).toBe(eventId(1726179150.123, 'demo', 'pass', 12));
    expect(eventId(1726179150.123, 'demo', 'pass', 12)).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  });

  it('differ when camera, kind, track or time differ', () => {
    const seen = new Set<string>();
    for (const camera of ['a', 'b']) {
      for (const type of ['pass', 'stopped']) {
        for (let track = 0; track < 50; track++) {
          for (let t = 0; t < 20; t++) seen.add(eventId(1.7e9 + t / 30, camera, type, track));
        }
      }
    }
    expect(seen.size).toBe(2 * 2 * 50 * 20);
  });

  it('sort by time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4e12 }), fc.integer({ min: 1, max: 1e6 }), (ms, later) => {
        expect(eventId(ms / 1000, 'x', 'pass', 1) < eventId((ms + later) / 1000, 'x', 'pass', 1)).toBe(true);
      }),
    );
  });
});

describe('event hash', () => {
  it('depends on every event and on their order', () => {
    const hash = (events: MomentEvent[]) => {
      const h = new EventHash();
      for (const event of events) h.add(event);
      return h.hex();
    };
    const [a, b] = [moment(1), moment(2)];
    expect(hash([a, b])).toBe(hash([{ ...a }, { ...b }]));
    expect(new Set([hash([a, b]), hash([b, a]), hash([a]), hash([]), hash([a, b, b])]).size).toBe(5);
    expect(hash([a])).toMatch(/^[0-9a-f]{32}$/);
  });

  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: 1, a: [{ d: null, c: 'x' }], e: undefined })).toBe('{"a":[{"c":"x","d":null}],"b":1}');
  });
});
