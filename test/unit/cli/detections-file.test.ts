/** Recorded detections from strangers: what cannot be is refused at the border, with file and line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readDetections } from '../../../src/cli/detections-file.ts';

const LINE = { ts_utc: 1_700_000_000, frame: 1, width: 1280, height: 720, detections: [] };

async function read(line: object): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-detections-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'd.ndjson');
  writeFileSync(path, `${JSON.stringify(LINE)}\n${JSON.stringify({ ...LINE, frame: 2, ...line })}\n`);
  let frames = 0;
  for await (const _ of readDetections(path)) frames++;
  return frames;
}

it('a time in milliseconds or microseconds is refused: no clock could be told of it', async () => {
  const suspension = { kind: 'moved', shiftPx: null, turnDeg: 0, zoom: 1, hidden: 0 };
  expect(await read({ ts_utc: 1_700_000_000.1 })).toBe(2);
  expect(await read({ ts_utc: -3 })).toBe(2);
  for (const utc of [1_700_000_000_000, 1_700_000_000_000_000, -1e12]) {
    await expect(read({ ts_utc: utc })).rejects.toThrow(/d\.ndjson:2: ts_utc: /);
    const view = { state: 'moved', suspension: { ...suspension, sinceUtc: utc } };
    await expect(read({ view })).rejects.toThrow(/d\.ndjson:2: view\.suspension\.sinceUtc: /);
  }
});
