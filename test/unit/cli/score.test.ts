/** `stopsign score --legacy`, what `score` and `rejudge` refuse, and points in time on the command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { timeArgument } from '../../../src/cli/time-argument.ts';

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

function file(name: string, text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-score-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

const ROWS = `1000.0;1320,740;1260,690,1380,790;80
1000.1;1200,740;1140,690,1260,790;80
1000.2;1100,750;1040,705,1160,805;45
1000.4;1030,760;970,710,1090,810;10
1000.6;950,760;890,710,1010,810;55
`;
const ZONE = ['--zone', '900,700 1150,700 1150,860 900,860'];
const LINE = ['--pre-stop-line', '[[1660,650],[1660,900]]'];
const EXAMPLE = {
  outcome: 'pass',
  verdict: 'No Stop',
  score: 100,
  n: 1,
  entry_time: 1000.1,
  exit_time: 1000.6,
  min_speed: 15.25,
  samples: 4,
  uncalibrated: { verdict: 'indeterminate', min_speed: null },
};
const objects = ROWS.trim()
  .split('\n')
  .map((line) => line.split(/[;,]/).map(Number))
  .map(([t, x, y, x1, y1, x2, y2, raw_speed]) => ({ t, x, y, x1, y1, x2, y2, raw_speed }));

describe('score --legacy', () => {
  test.each([
    ['lines', 'rows.txt', `# t;x,y;box;speed\n${ROWS}`],
    ['NDJSON', 'rows.ndjson', objects.map((row) => `${JSON.stringify(row)}\n`).join('')],
    ['a JSON list of objects', 'rows.json', JSON.stringify(objects)],
    ['a JSON list of lists', 'rows.json', JSON.stringify(objects.map((row) => Object.values(row)))],
  ])('reads %s', async (_what, name, text) => {
    const args = ['score', '--legacy', '--rows', file(name, text), ...ZONE, ...LINE, '--threshold', '20', '--json'];
    const { code, out, err } = await run(...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject(EXAMPLE);
  });

  test('prints figures for people, the pixel ones labelled', async () => {
    const { out } = await run('score', '--legacy', '--rows', file('rows.txt', ROWS), ...ZONE, ...LINE);
    expect(out).toContain('predecessor   No Stop  (pass)');
    expect(out).toContain('min speed       15.250 px/s');
    expect(out).toContain('progress        370.146 px');
    expect(out).toContain('UNCALIBRATED');
    expect(out).toContain('n = 1');
  });

  test('ranks the passes of a file among each other; an empty line begins the next', async () => {
    const slow = ROWS.replaceAll('1000.6', '1002.6');
    const path = file('rows.txt', `${ROWS}\n${slow}`);
    const { out } = await run('score', '--legacy', '--rows', path, ...ZONE, ...LINE, '--json');
    const results = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { score: number; n: number });
    expect(results.map(({ score, n }) => [score, n])).toEqual([
      [50, 2],
      [100, 2],
    ]);
  });

  test('takes geometry and threshold from raw payloads, one JSON result a line', async () => {
    const payload = {
      sample_schema: ['t', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'raw_speed'],
      samples: objects.map((row) => Object.values(row)),
      config_snapshot: {
        stopsign_detection: {
          stop_zone: [
            [900, 700],
            [1150, 700],
            [1150, 860],
            [900, 860],
          ],
          pre_stop_line: [
            [1660, 650],
            [1660, 900],
          ],
          stop_speed_threshold: 50,
        },
      },
    };
    const { out } = await run('score', '--legacy', file('payloads.json', JSON.stringify([payload, payload])));
    const results = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { stop_duration: number });
    expect(results).toHaveLength(2);
    expect(results[0]).toMatchObject({ ...EXAMPLE, n: 2 });
    // 45 and 10 are up to 50, 55 is not.
    expect(results[0]?.stop_duration).toBeCloseTo(0.3, 9);
  });

  test.each([
    [
      'rows.txt',
      `${ROWS}1000.7;950;890,710,1010,810;55\n`,
      65,
      'rows.txt:6: "1000.7;950;890,710,1010,810;55" is no row.',
    ],
    ['rows.txt', ROWS.replace('1200,740', 'x,740'), 65, 'rows.txt:2: x must be a number.'],
    ['rows.json', JSON.stringify([{ ...objects[0], raw_speed: true }]), 65, 'row 1: raw_speed must be a number.'],
    [
      'rows.ndjson',
      `${JSON.stringify({ ...objects[0], x1: '', y2: null })}\n{}`,
      65,
      'rows.ndjson:1: x1, y2 must be numbers.',
    ],
    ['rows.json', '[3]', 65, 'row 1: 3 is no row.'],
    ['rows.ndjson', '{"t":1}\n{"t":2}\n', 65, 'rows.ndjson:1: x, y, x1, y1, x2, y2, raw_speed must be numbers.'],
    ['rows.ndjson', '{"t":1\n', 65, 'rows.ndjson:1: this is no JSON.'],
    ['rows.txt', '', 65, 'is empty.'],
  ])('says file and line of a fault in %s', async (name, text, exit, sentence) => {
    const { code, err } = await run('score', '--legacy', '--rows', file(name, text), ...ZONE, ...LINE);
    expect(code).toBe(exit);
    expect(err).toContain(sentence);
  });

  test('needs the geometry, in points', async () => {
    const rows = file('rows.txt', ROWS);
    expect(await run('score', '--legacy', '--rows', rows)).toMatchObject({ code: 64 });
    const { code, err } = await run('score', '--legacy', '--rows', rows, '--zone', '1,2 3', ...LINE);
    expect(code).toBe(64);
    expect(err).toContain('--zone "1,2 3" is no list of points.');
    expect(await run('score', '--legacy', '--rows', '/nowhere/rows.txt')).toMatchObject({ code: 66 });
  });
});

describe('score and rejudge', () => {
  test.each([
    [['score'], 'Score needs either --camera, or --legacy'],
    [['score', '--legacy'], 'Score needs either --camera, or --legacy'],
    [['score', '--camera', 'x', '--since', 'yesterday'], 'It must be a date such as 2026-11-01'],
    [
      ['score', '--legacy', 'a.json', '--rows', 'b.txt'],
      'two files of rows: a.json after --legacy, b.txt after --rows',
    ],
    [['score', '--camera', 'x', '--legacy', 'a.json'], 'Score needs either --camera, or --legacy'],
    [['score', '--camera', 'x', '--since', '2026-11-02', '--until', '2026-11-01'], 'ends before it begins'],
    [['rejudge', '--since', '1d', '--until', '2d', '--config', 'x.yaml'], 'ends before it begins'],
    [['rejudge', '--since', '2026-02-31', '--config', 'x.yaml'], 'There is no 2026-02-31 in the calendar'],
    [['rejudge', '--since', '7d'], "required option '-c, --config <file>' not specified"],
    [['rejudge', '--config', 'x.yaml'], "required option '--since <time>' not specified"],
  ])('%j is refused', async (args, sentence) => {
    const { code, err } = await run(...args);
    expect(code).toBe(64);
    expect(err).toContain(sentence);
  });

  test.each(['score', 'rejudge'])('%s has examples', async (command) => {
    expect((await run(command, '--help')).out).toContain(`Examples:\n  stopsign ${command}`);
  });
});

describe('a point in time', () => {
  const utc = (...parts: [number, number, number, number?, number?, number?]) => Date.UTC(...parts) / 1000;

  test.each([
    ['7d', 1_000_000 - 7 * 86_400],
    ['1.5h', 1_000_000 - 5_400],
    ['2026-11-01', utc(2026, 10, 1)],
    ['2024-02-29', utc(2024, 1, 29)],
    ['2026-11-01T12:30Z', utc(2026, 10, 1, 12, 30)],
    ['2026-11-01T12:30', utc(2026, 10, 1, 12, 30)],
    ['2026-11-01 12:30', utc(2026, 10, 1, 12, 30)],
    ['2026-11-01 12:30:15.25', utc(2026, 10, 1, 12, 30, 15) + 0.25],
    ['2026-11-01t12:30:15z', utc(2026, 10, 1, 12, 30, 15)],
    ['2026-11-01T12:30+02:00', utc(2026, 10, 1, 10, 30)],
    ['2026-11-01 00:30:00-05:30', utc(2026, 10, 1, 6)],
    ['1726179150.5', 1_726_179_150.5],
  ])('%s', (text, expected) => expect(timeArgument(text, 1_000_000)).toBe(expected));

  test('is the same wherever the machine stands', () => {
    vi.stubEnv('TZ', 'America/New_York');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(new Date(2026, 10, 1).getTimezoneOffset()).not.toBe(0);
    for (const text of ['2026-11-01', '2026-11-01 00:00', '2026-11-01T00:00']) {
      expect(timeArgument(text)).toBe(utc(2026, 10, 1));
    }
  });

  test.each<readonly [string, string]>([
    ...['', '7', '7y', '2026', 'now', '1/11/2026', '2026-11-01Z', '2026-11-01 12', '2026-11-01T12:00+0200'].map(
      (text) => [text, 'It must be a date such as 2026-11-01'] as const,
    ),
    ['2026-02-31', 'There is no 2026-02-31 in the calendar: correct month and day.'],
    ['2026-02-29 10:00', 'There is no 2026-02-29'],
    ['2026-13-01', 'There is no 2026-13-01'],
    ['2026-11-00', 'There is no 2026-11-00'],
    ['2026-11-01T24:00', 'There is no 24:00 on a clock'],
    ['2026-11-01 12:60', 'There is no 12:60 on a clock'],
    ['2026-11-01 12:00:60', 'There is no 12:00:60 on a clock'],
    ['2026-11-01T12:00+25:00', 'There is no 12:00+25:00 on a clock'],
    ['1969-12-31', 'It must lie between 1970 and now'],
    ['99999999w', 'It must lie between 1970 and now'],
    ['1795404102000', 'between 1970 and the year 5138, in seconds'],
  ])('"%s" is none', (text, sentence) => {
    expect(() => timeArgument(text)).toThrow(sentence);
  });

  test.each(['score', 'rejudge'])('is explained in the help of %s', async (command) => {
    expect((await run(command, '--help')).out).toContain('in UTC unless they end in Z or an offset');
  });
});
