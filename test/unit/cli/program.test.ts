/** The command line: help, usage faults, exit codes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { houseOrigin } from '../../../src/cli/fault.ts';
import { runProgram } from '../../../src/cli/program.ts';

async function run(...args: string[]) {
  let out = '';
  let err = '';
  const code = await runProgram(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-cli-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('help', () => {
  test('lists every command and the exit codes', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const word of ['up', 'replay', 'track', 'models', 'doctor', '64 bad usage']) expect(out).toContain(word);
  });

  test.each(['up', 'replay', 'track', 'models list', 'models pull', 'doctor'])('%s has examples', async (command) => {
    const { code, out } = await run(...command.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Examples?:\\n {2}(\\w+=\\S+ )?stopsign ${command}`));
  });
});

describe('bad usage ends with 64 and says what was meant', () => {
  test.each([
    [['rplay'], 'Did you mean replay?'],
    [['up', '--confg', 'x'], 'Did you mean --config?'],
    [['replay', 'clip.mp4'], "required option '-c, --config <file>' not specified"],
    [['replay', '--config', 'x'], 'Replay needs either a video or --detections.'],
    [['replay', 'clip.mp4', '--detections', 'd', '--config', 'x'], 'Replay needs either a video or --detections.'],
    [['track', '--mot', 'x', '--fps', '0', '--out', 'y'], 'It must be a number above 0.'],
    [['track', '--mot', 'x', '--fps', '25', '--out', 'y', '--match', '2'], 'It must be a number from 0 to 1.'],
    [
      ['track', '--mot', 'x', '--fps', '25', '--out', 'y', '--tracker', 'sort'],
      'Allowed choices are stopsign, bytetrack, ocsort.',
    ],
  ])('%j', async (args, sentence) => {
    const { code, err } = await run(...args);
    expect(code).toBe(64);
    expect(err).toContain(sentence);
  });
});

describe('track', () => {
  test('reads detections and writes tracks with the parameters given', async () => {
    const dir = folder();
    const lines = [1, 2, 3].flatMap((frame) => [`${frame},-1,${100 + frame},100,50,40,0.9,-1,-1,-1`]);
    writeFileSync(join(dir, 'det.txt'), `${lines.join('\n')}\n`);
    const args = ['track', '--mot', join(dir, 'det.txt'), '--fps', '30', '--out', join(dir, 'tracks.txt')];
    expect(await run(...args)).toMatchObject({ code: 0, err: '' });
    const tracks = readFileSync(join(dir, 'tracks.txt'), 'utf8').trim().split('\n');
    expect(tracks.map((row) => row.split(',').slice(0, 3).join())).toEqual(['1,1,101.00', '2,1,102.00', '3,1,103.00']);
    expect(await run(...args, '--activation', '0.95')).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'tracks.txt'), 'utf8')).toBe('');
  });

  test('a file that is not there ends with 66, one that cannot be written with 64', async () => {
    const dir = folder();
    expect(await run('track', '--mot', join(dir, 'no.txt'), '--fps', '30', '--out', 'y')).toMatchObject({
      code: 66,
      err: expect.stringContaining('Correct the path after --mot.'),
    });
    writeFileSync(join(dir, 'det.txt'), '');
    const out = join(dir, 'nowhere', 'tracks.txt');
    expect(await run('track', '--mot', join(dir, 'det.txt'), '--fps', '30', '--out', out)).toMatchObject({ code: 64 });
  });
});

describe('fault', () => {
  test.each([
    ['127.0.0.1', 'http://127.0.0.1:8080'],
    ['0.0.0.0', 'http://127.0.0.1:8080'],
    ['::', 'http://127.0.0.1:8080'],
    ['::1', 'http://[::1]:8080'],
    ['fd00::12', 'http://[fd00::12]:8080'],
    ['camera.local', 'http://camera.local:8080'],
  ])('reaches a house that listens on %s', (host, origin) => {
    expect(houseOrigin(host, 8080)).toBe(origin);
    expect(new URL(houseOrigin(host, 8080)).port).toBe('8080');
  });

  test('refuses a port that is none', async () => {
    const { code, err } = await run('fault', 'inference', 'hang', '--port', '70000');
    expect(code).toBe(64);
    expect(err).toContain('It must be a port from 1 to 65535.');
  });
});

describe('track labels', () => {
  test('that cannot be read are named by their own file and line, not by that of the detections', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'det.txt'), '1,-1,100,100,50,40,0.9\n');
    writeFileSync(join(dir, 'gt.txt'), '1,1,100,100,50,40,1\n1,2,100,?\n');
    const args = ['track', '--mot', join(dir, 'det.txt'), '--fps', '30', '--score', join(dir, 'gt.txt')];
    expect(await run(...args)).toMatchObject({ code: 65, err: expect.stringContaining(`${join(dir, 'gt.txt')}:2: `) });
  });
});

describe('doctor', () => {
  test('says each check in a line, and a fault with its remedy', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'bad.yaml'), 'sight: {}\n');
    const { code, out } = await run('doctor', '--config', join(dir, 'bad.yaml'));
    expect(code).toBe(69);
    expect(out).toMatch(/^ok +node +v20/m);
    expect(out).toMatch(/^FAILED +configuration .*there is no such key/m);
    expect(out).toContain('config/stopsign.example.yaml explains every key.');
  });
});
