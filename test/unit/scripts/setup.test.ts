/** Set-up, as far as it is decisions: what is needed, what is missing, what has changed. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { contentHash, fingerprint } from '../../../scripts/fingerprint.mjs';
// @ts-expect-error plain JavaScript
import { checkNode, isSameInstall } from '../../../scripts/setup.mjs';
// @ts-expect-error plain JavaScript
import { excerpt, must, SetupError, step } from '../../../scripts/steps.mjs';
// @ts-expect-error plain JavaScript
import * as system from '../../../scripts/system-packages.mjs';

const { findProgram, installPackages, isFfmpegGeneration, missingPackages } = system;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stopsign-setup-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A search path with just these programs on it. */
function programs(...names: string[]): string {
  for (const name of names) {
    writeFileSync(join(dir, name), '#!/bin/sh\nexit 0\n');
    chmodSync(join(dir, name), 0o755);
  }
  return dir;
}

describe('the version of Node', () => {
  test.each(['20.19.0', '20.20.2'])('%s will do', (version) => {
    expect(() => checkNode(version)).not.toThrow();
  });

  test.each(['18.20.0', '20.18.3', '22.1.0', '24.0.0'])('%s is refused with what to install', (version) => {
    expect(() => checkNode(version)).toThrowError(
      expect.objectContaining({
        exitCode: 69,
        remedy: expect.stringContaining('Node 20'),
        message: expect.stringContaining(version),
      }),
    );
  });
});

describe('system packages', () => {
  test('an empty machine lacks ffmpeg, and for tests the browser', async () => {
    expect((await missingPackages({ browser: false, path: dir })).needed).toEqual(['ffmpeg']);
    expect((await missingPackages({ browser: true, path: dir })).needed).toEqual(['ffmpeg', 'chromium']);
  });

  test('with everything there nothing is asked for', async () => {
    const path = programs('ffmpeg', 'chromium', 'pkg-config', 'g++', 'make', 'python3');
    expect((await missingPackages({ browser: true, path })).needed).toEqual([]);
  });

  test('a file that cannot be executed is no program', () => {
    writeFileSync(join(dir, 'ffmpeg'), '');
    expect(findProgram('ffmpeg', dir)).toBeNull();
    expect(findProgram('ffmpeg', `/nowhere:${programs('ffmpeg')}`)).toBe(join(dir, 'ffmpeg'));
  });

  test('the native decoder is only prepared where the FFmpeg it is made for can be had', () => {
    expect(isFfmpegGeneration('libavcodec-dev:\n  Installed: (none)\n  Candidate: 7:5.1.6-0+deb12u1\n')).toBe(true);
    expect(isFfmpegGeneration('libavcodec-dev:\n  Installed: (none)\n  Candidate: 7:6.1.1-3ubuntu5\n')).toBe(false);
    expect(isFfmpegGeneration('')).toBe(true);
  });

  test('nothing missing means nothing done', async () => {
    await expect(installPackages({ needed: [], useful: [] })).resolves.toBeUndefined();
  });
});

describe('what has changed', () => {
  test('a file that grew, came, went or was touched changes the fingerprint; another folder does not', () => {
    mkdirSync(join(dir, 'src/web'), { recursive: true });
    writeFileSync(join(dir, 'src/a.ts'), 'a');
    const isWeb = (path: string) => path.startsWith('src/web');
    const seen = new Set([fingerprint(dir, ['src'], isWeb)]);
    writeFileSync(join(dir, 'src/web/page.tsx'), 'x');
    expect(seen.has(fingerprint(dir, ['src'], isWeb))).toBe(true);
    writeFileSync(join(dir, 'src/a.ts'), 'ab');
    seen.add(fingerprint(dir, ['src'], isWeb));
    writeFileSync(join(dir, 'src/b.ts'), '');
    seen.add(fingerprint(dir, ['src'], isWeb));
    utimesSync(join(dir, 'src/b.ts'), 1, 1);
    seen.add(fingerprint(dir, ['src'], isWeb));
    rmSync(join(dir, 'src/b.ts'));
    rmSync(join(dir, 'src/a.ts'));
    seen.add(fingerprint(dir, ['src'], isWeb));
    expect(seen.size).toBe(5);
    expect(contentHash(join(dir, 'nowhere'))).toBe('missing');
  });

  test('packages that somebody installed by hand are recognised by the lock file', () => {
    const wanted = {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    };
    expect(isSameInstall(wanted, { 'node_modules/a': { version: '1.0.0' } })).toBe(true);
    expect(isSameInstall(wanted, { 'node_modules/a': { version: '1.0.1' } })).toBe(false);
    expect(isSameInstall(wanted, {})).toBe(false);
    expect(
      isSameInstall(wanted, { 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } }),
    ).toBe(false);
  });
});

describe('steps', () => {
  const stream = () => {
    const written: string[] = [];
    return { written, isTTY: false, write: (text: string) => written.push(text) };
  };

  test('say in one line what was done and how long it took', async () => {
    const out = stream();
    expect(await step('painting', async () => 7, out)).toBe(7);
    expect(out.written).toEqual([expect.stringMatching(/^ {2}✓ painting \(0\.\d s\)\n$/)]);
  });

  test('mark a failure and pass it on', async () => {
    const out = stream();
    await expect(step('painting', () => Promise.reject(new Error('no paint')), out)).rejects.toThrow('no paint');
    expect(out.written[0]).toContain('✗ painting');
  });

  test('a program that fails becomes a sentence with its output and the remedy', async () => {
    const command = [process.execPath, '-e', 'console.error("no paint left"); process.exit(3)'];
    const error = await must(command, { what: 'Painting', remedy: 'Buy some.' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SetupError);
    expect(error).toMatchObject({
      remedy: 'Buy some.',
      exitCode: 69,
      output: expect.stringContaining('no paint left'),
    });
  });

  test('a program that is not there is a failure too', async () => {
    await expect(must(['no-such-program-here'], { what: 'It' })).rejects.toThrow(/ended with code 127/);
  });

  test('long output is shown by its beginning and end', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const shown = excerpt(lines.join('\n'), 2, 2).split('\n');
    expect(shown).toEqual(['line 0', 'line 1', '  … 96 lines …', 'line 98', 'line 99']);
  });
});
