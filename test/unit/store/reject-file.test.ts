/** What is refused for good is kept word for word, in a file of its owner's that stops growing. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RejectFile } from '../../../src/store/reject-file.ts';

it('keeps each fact with the reason, and stops at its limit', () => {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-rejects-'));
  const path = join(dir, 'rejected.ndjson');
  const rejects = new RejectFile({ path, maxBytes: 300 });
  expect(rejects.add('{"kind":"rumour"}', 'no such kind', 5)).toBe(true);
  expect(rejects.add('{"kind":', 'torn', 6)).toBe(true);
  expect(rejects.add('x'.repeat(300), 'too much', 7)).toBe(false);
  const entries = readFileSync(path, 'utf8').trim().split('\n');
  expect(entries.map((line) => JSON.parse(line))).toEqual([
    { at_utc: 5, reason: 'no such kind', fact: '{"kind":"rumour"}' },
    { at_utc: 6, reason: 'torn', fact: '{"kind":' },
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  rmSync(dir, { recursive: true });
});
