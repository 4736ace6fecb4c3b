/**
 * The default tracker on labelled recordings: at least as good as ByteTrack, with the figures that docs/tracking.md
 * tells. (Public detections; the labels as the KITTI benchmark reads them.)
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMot, trackRows } from '../../../src/cli/track.ts';
import { parseKittiDetections, parseLabels } from '../../../src/cli/track-labels.ts';
import { scoreRows } from '../../../src/cli/track-score.ts';
import type { TrackerName } from '../../../src/domain/tracking/trackers.ts';
import { sharedDir } from '../../support/shared.ts';

const mot = join(sharedDir() ?? '', 'data/mot');
const text = (file: string) => readFileSync(join(mot, file), 'utf8');

/** Name, frames per second, least HOTA of the default tracker, most switches. */
const SEQUENCES = [
  ['TUD-Campus', 25, 0.5, 4],
  ['0006', 10, 0.91, 0],
  ['0010', 10, 0.89, 0],
  ['0012', 10, 0.88, 0],
  ['0016', 10, 0.88, 0],
] as const;

describe.skipIf(!sharedDir())('the default tracker', () => {
  it.each(SEQUENCES)('follows %s', (name, fps, leastHota, mostSwitches) => {
    const isKitti = name !== 'TUD-Campus';
    const rows = isKitti
      ? parseKittiDetections(text(`kitti/${name}.car-det.txt`))
      : parseMot(text('tud-campus/det.txt'));
    const labels = parseLabels(text(isKitti ? `kitti/${name}.gt.txt` : 'tud-campus/gt.txt'));
    const scored = (tracker: TrackerName) => scoreRows(trackRows(rows, fps, tracker), labels);
    const own = scored('stopsign');
    const reference = scored('bytetrack');
    expect(own.hota?.hota).toBeGreaterThan(leastHota);
    expect(own.clear.switches).toBeLessThanOrEqual(mostSwitches);
    expect(own.clear.switches).toBeLessThanOrEqual(reference.clear.switches);
    expect(own.hota?.hota).toBeGreaterThan((reference.hota?.hota ?? 1) - 0.002);
    expect(own.identity.idf1).toBeGreaterThan((reference.identity.idf1 ?? 1) - 0.002);
  });
});
