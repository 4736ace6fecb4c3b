/** The file in which a tracker leaves its state: whole, foreign, torn, old, and on a disk that does not want it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SavedState, TrackerStateFile } from '../../../src/store/tracker-state-file.ts';

const state = (n: number): SavedState => ({
  savedUs: 1_000 + n,
  untold: ['{"kind":"event"}'],
  snapshot: {
    v: 2,
    program: 'p',
    camera: 'front',
    configVersion: 'v',
    state: { root: [n, 'Straße\n'], shared: [], shapes: [] },
  },
});

let dir: string;
let problems: string[];
const path = () => join(dir, 'trackers', 'front.state');
const open = (camera = 'front') => new TrackerStateFile({ path: path(), camera, onProblem: (s) => problems.push(s) });
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stopsign-state-'));
  problems = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the file of a tracker’s state', () => {
  it('is nothing at first, without a word', () => {
    expect(open().read()).toBeNull();
    expect(problems).toEqual([]);
  });

  it('gives back what was written last, and leaves no other file', async () => {
    const file = open();
    for (let n = 0; n < 3; n++) {
      expect(file.write(state(n))).toBeGreaterThan(0);
      await file.idle();
    }
    expect(open().read()).toEqual(state(2));
    open().writeLast(state(9));
    expect(open().read()).toEqual(state(9));
    expect(readdirSync(join(dir, 'trackers'))).toEqual(['front.state']);
  });

  it('has one write under way at most', async () => {
    const file = open();
    file.write(state(1));
    expect(file.isBusy).toBe(true);
    expect(file.write(state(2))).toBe(0);
    await file.idle();
    expect(file.isBusy).toBe(false);
    expect(open().read()?.savedUs).toBe(1_001);
  });

  it.each([
    ['torn', (text: string) => text.slice(0, -20)],
    ['torn in its first line', (text: string) => text.slice(0, 30)],
    ['empty', () => ''],
    ['changed in one place', (text: string) => text.replace('configVersion":"v"', 'configVersion":"w"')],
    ['changed in its time', (text: string) => text.replace('"savedUs":1001', '"savedUs":9001')],
    ['of another form', (text: string) => text.replace('tracker state 2', 'tracker state 1')],
    ['no text of ours', () => '\u0000\u0001\n{}'],
  ])('is passed over with one sentence when it is %s', (_how, spoil) => {
    open().writeLast(state(1));
    const text = readFileSync(path(), 'utf8');
    expect(spoil(text)).not.toBe(text);
    writeFileSync(path(), spoil(text));
    expect(open().read()).toBeNull();
    expect(problems).toEqual([expect.stringMatching(/^passes over what the last process left in /)]);
  });

  it('is passed over when it is of another camera', () => {
    open().writeLast(state(1));
    expect(open('side').read()).toBeNull();
    expect(problems).toHaveLength(1);
  });

  it('says once that it cannot be written, and goes on trying', async () => {
    // A folder in its place: nobody can rename a file onto it.
    mkdirSync(path(), { recursive: true });
    const file = open();
    for (let n = 0; n < 3; n++) {
      file.write(state(n));
      await file.idle();
    }
    file.writeLast(state(4));
    expect(problems).toEqual([expect.stringMatching(/^cannot write its state to disk: /)]);
    rmSync(path(), { recursive: true });
    file.write(state(5));
    await file.idle();
    expect(open().read()?.savedUs).toBe(1_005);
  });
});
