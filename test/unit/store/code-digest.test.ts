/** One word for a state of the code. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { codeDigest } from '../../../src/store/code-digest.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stopsign-code-'));
  mkdirSync(join(dir, 'part'));
  writeFileSync(join(dir, 'a.js'), 'one');
  writeFileSync(join(dir, 'part', 'b.js'), 'two');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const digest = () => codeDigest(pathToFileURL(`${dir}/`));

it('is the same for the same code, whatever else lies beside it', () => {
  const before = digest();
  writeFileSync(join(dir, 'a.js.map'), 'map');
  expect(digest()).toBe(before);
});

it.each([
  ['changes', () => writeFileSync(join(dir, 'part', 'b.js'), 'three')],
  ['is added', () => writeFileSync(join(dir, 'part', 'c.js'), '')],
  ['has another name', () => renameSync(join(dir, 'a.js'), join(dir, 'z.js'))],
])('is another one when a file %s', (_how, change) => {
  const before = digest();
  change();
  expect(digest()).not.toBe(before);
});

it('is there for the domain', () => {
  expect(codeDigest(new URL('../../../src/domain/', import.meta.url))).toMatch(/^[0-9a-f]{64}$/);
});
