/** Our ByteTrack against the rows of the reference implementation on the same detections. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MotRow, parseMot, type TrackParameters, trackMot } from '../../../src/cli/track.ts';
import { sharedDir } from '../../support/shared.ts';

const shared = sharedDir();
const CASES: readonly (readonly [string, TrackParameters])[] = [
  ['bytetrack_default', {}],
  ['bytetrack_predecessor', { activation: 0.5, frameRate: 15 }],
];

describe.skipIf(!shared)('ByteTrack on TUD-Campus', () => {
  const mot = join(shared ?? '', 'data/mot');
  const detections = shared ? readFileSync(join(mot, 'tud-campus/det.txt'), 'utf8') : '';

  it.each(CASES)('gives the same rows as the reference with the parameters of %s', (name, parameters) => {
    const expected = sorted(parseMot(readFileSync(join(mot, 'golden', name, 'TUD-Campus.txt'), 'utf8')));
    const actual = sorted(parseMot(trackMot(detections, parameters)));
    expect(actual.length).toBe(expected.length);
    const toReference = new Map<number, number>();
    const fromReference = new Map<number, number>();
    actual.forEach((row, i) => {
      const other = expected[i] as MotRow;
      expect(row.frame).toBe(other.frame);
      for (const key of ['left', 'top', 'width', 'height'] as const) {
        expect(Math.abs(row[key] - other[key])).toBeLessThanOrEqual(0.01);
      }
      expect(toReference.get(row.id) ?? other.id).toBe(other.id);
      expect(fromReference.get(other.id) ?? row.id).toBe(row.id);
      // The ids themselves agree too, because they are handed out at the same moments.
      expect(row.id).toBe(other.id);
      toReference.set(row.id, other.id);
      fromReference.set(other.id, row.id);
    });
  });
});

function sorted(rows: MotRow[]): MotRow[] {
  return rows.sort((a, b) => a.frame - b.frame || a.left - b.left || a.top - b.top);
}
