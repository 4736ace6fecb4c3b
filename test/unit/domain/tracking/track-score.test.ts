/** `stopsign track --score`: label formats, faults named by line, and the whole command. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../../src/cli/program.ts';
import { parseKittiDetections, parseLabels } from '../../../../src/cli/track-labels.ts';

const KITTI = [
  '0 -1 DontCare -1 -1 -10.0 700 180 760 200 -1000 -1000 -1000 -10 -1 -1 -1',
  '0 4 Car 0 0 0.15 100 100 200 150 1.4 1.8 4.3 -4 1.8 30 0.02',
  '1 4 Car 0 3 0.15 110 100 210 150 1.4 1.8 4.3 -4 1.8 30 0.02',
  '1 5 Van 0 0 0.15 300 100 400 150 1.4 1.8 4.3 -4 1.8 30 0.02',
  '1 6 Pedestrian 0 0 0.15 300 100 320 150 1.4 1.8 4.3 -4 1.8 30 0.02',
].join('\n');

describe('label files', () => {
  it('of KITTI ask for cars, spare vans and hidden cars, and know the regions nobody labelled', () => {
    const { format, frames, rules } = parseLabels(KITTI);
    expect(format).toBe('kitti');
    expect(rules.leastHeightPx).toBe(25);
    expect(frames.get(1)).toEqual({
      boxes: [{ id: 4, bbox: [100, 100, 200, 150], isIgnored: false }],
      regions: [[700, 180, 760, 200]],
    });
    expect(frames.get(2)?.boxes.map(({ isIgnored }) => isIgnored)).toEqual([true, true]);
  });

  it('of MOT may mark boxes that do not count', () => {
    const { format, frames } = parseLabels('1,1,10,20,30,40,1,-1,-1,-1\n2,1,10,20,30,40,0,-1,-1,-1\n');
    expect(format).toBe('mot');
    expect([...frames.values()].map(({ boxes }) => boxes[0]?.isIgnored)).toEqual([false, true]);
  });

  it.each([
    [
      () => parseLabels(`${KITTI}\n2 7 Car 0 0 0.1 100 x 200 150`, 'gt.txt'),
      /^gt\.txt:6: .*not in KITTI tracking format/,
    ],
    [() => parseLabels(`${KITTI}\n2 7 Car 0 0`, 'gt.txt'), /^gt\.txt:6/],
    [
      () => parseLabels(`${KITTI}\n4000000000 7 Car 0 0 0.1 100 90 200 150`, 'gt.txt'),
      /^gt\.txt:6: frame 4000000001 is above/,
    ],
    [() => parseLabels('1,1,10,20,30,40,1\n2,1,10,?', 'gt.txt'), /^gt\.txt:2: .*not in MOT format/],
    [() => parseLabels('4e9,1,10,20,30,40,1', 'gt.txt'), /^gt\.txt:1: frame 4000000000 is above/],
    [() => parseKittiDetections('0,1,2,3,4,0.9\n-1,1,2,3,4,0.9', 'det.txt'), /^det\.txt:2: .*not in KITTI format/],
    [() => parseKittiDetections('4e9,1,2,3,4,0.9', 'det.txt'), /^det\.txt:1: frame 4000000001 is above/],
  ])('name the line that cannot be read', (read, message) => {
    expect(read).toThrow(message);
  });

  it('of detections count frames from 0', () => {
    expect(parseKittiDetections('0,10,20,40,60,0.9')).toEqual([
      { frame: 1, id: -1, left: 10, top: 20, width: 30, height: 40, score: 0.9 },
    ]);
  });
});

describe('stopsign track --score', () => {
  async function run(...args: string[]) {
    let text = '';
    const add = (part: string) => {
      text += part;
    };
    return { code: await runProgram(['track', ...args], { out: add, err: add }), text };
  }
  function files() {
    const dir = mkdtempSync(join(tmpdir(), 'stopsign-track-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const rows = (id: number) =>
      Array.from({ length: 10 }, (_, k) => `${k + 1},${id},${100 + 5 * k},50,80,40,1,-1,-1,-1`).join('\n');
    writeFileSync(join(dir, 'det.txt'), rows(-1));
    writeFileSync(join(dir, 'gt.txt'), rows(3));
    return { det: join(dir, 'det.txt'), gt: join(dir, 'gt.txt') };
  }

  it.each(['stopsign', 'bytetrack', 'ocsort'])('scores what %s makes of detections', async (tracker) => {
    const { det, gt } = files();
    const { code, text } = await run('--mot', det, '--fps', '25', '--tracker', tracker, '--score', gt);
    expect(code).toBe(0);
    expect(text).toMatch(/^HOTA +\d+\.\d %/);
    expect(text).toMatch(/IDSW +0 /);
  });

  it('scores tracks of others, as JSON when asked', async () => {
    const { gt } = files();
    const { text } = await run('--tracks', gt, '--score', gt, '--json');
    expect(JSON.parse(text)).toMatchObject({
      frames: 10,
      hota: { hota: 1 },
      clear: { mota: 1 },
      identity: { idf1: 1 },
    });
  });

  it('says what is missing', async () => {
    const { det, gt } = files();
    expect(await run('--mot', det)).toMatchObject({
      code: 64,
      text: expect.stringContaining('--out, --score or both'),
    });
    expect(await run('--score', gt)).toMatchObject({ code: 64, text: expect.stringContaining('one of --mot') });
    expect(await run('--mot', det, '--score', gt)).toMatchObject({ code: 64, text: expect.stringContaining('--fps') });
  });
});
