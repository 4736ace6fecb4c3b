/** Lines of the house: cut, recognised, wrapped; the words people read at the start; signals. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { banner } from '../../../src/launcher/banner.ts';
import { cameraCommand } from '../../../src/launcher/camera-command.ts';
import { LineSplitter } from '../../../src/launcher/line-splitter.ts';
import { openLogOutput, parseLogLine } from '../../../src/launcher/log-output.ts';
import { listenForSignals } from '../../../src/launcher/signals.ts';

describe('line splitter', () => {
  test('gives whole lines whatever the chunks', () => {
    const splitter = new LineSplitter();
    expect(splitter.push('one\r\ntw')).toEqual(['one']);
    expect(splitter.push('o\n\nthree')).toEqual(['two']);
    expect(splitter.end()).toEqual(['three']);
    expect(splitter.end()).toEqual([]);
  });

  test('cuts a line that never ends', () => {
    const splitter = new LineSplitter();
    expect(splitter.push('x'.repeat(70_000))).toHaveLength(1);
    expect(splitter.end()).toEqual([]);
  });
});

describe('log output', () => {
  const capture = async (isTerminal: boolean) => {
    const lines: string[] = [];
    const output = await openLogOutput({ isTerminal, write: (text) => lines.push(text) });
    return { output, lines };
  };

  test('passes the JSON of a child as it is and wraps other text', async () => {
    const { output, lines } = await capture(false);
    const json = '{"level":30,"time":"2024-01-01T00:00:00Z","process":"hub","msg":"hello"}';
    output.childLine('hub', 'stdout', json);
    output.childLine('camera', 'stderr', 'Connection refused');
    expect(lines[0]).toBe(`${json}\n`);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 40, process: 'camera', msg: 'Connection refused' });
  });

  test('is readable on a terminal', async () => {
    const { output, lines } = await capture(true);
    output.childLine('hub', 'stdout', '{"level":30,"time":"2024-01-01T00:00:00Z","process":"hub","msg":"hello"}');
    expect(lines[0]).toContain('hello');
    expect(lines[0]).not.toContain('{');
  });

  test('knows a log line from other JSON', () => {
    expect(parseLogLine('{"level":50,"msg":"bad"}')).toEqual({ level: 50, msg: 'bad' });
    expect(parseLogLine('{"a":1}')).toBeNull();
    expect(parseLogLine('{broken')).toBeNull();
  });
});

describe('banner', () => {
  const facts = {
    url: 'http://127.0.0.1:8080',
    admin: { token: 'secret-token', file: '/data/admin-token', isNew: true },
    cameras: ['demo'],
    isDemo: true,
    model: 'yolox-nano',
    database: 'embedded' as const,
    hub: 'built-in',
    dataDir: '/data',
    readyMs: 2_345,
  };

  test('shows the token once and says where it is kept', () => {
    expect(banner(facts, false)).toContain('secret-token');
    const later = banner({ ...facts, admin: { ...facts.admin, isNew: false } }, false);
    expect(later).not.toContain('secret-token');
    expect(later).toContain('/data/admin-token');
  });

  test('has no escape codes without a terminal', () => {
    expect(banner(facts, false)).not.toContain('\u001b');
    expect(banner(facts, true)).toContain('\u001b[1m');
  });
});

describe('virtual camera', () => {
  test('is bound to the life of its parent where the system can do that', () => {
    const plain = cameraCommand('/clip.mp4', 'rtsp://h/demo', null, '/nowhere');
    expect(plain[0]).toBe('ffmpeg');
    expect(plain).toEqual(expect.arrayContaining(['-stream_loop', '-1', '/clip.mp4', 'rtsp://h/demo']));
    const bound = cameraCommand('/clip.mp4', 'rtsp://h/demo', null, '/usr/bin:/bin');
    if (bound[0] === 'setpriv') expect(bound.slice(0, 5)).toEqual(['setpriv', '--pdeathsig', 'KILL', '--', 'ffmpeg']);
  });
});

describe('signals', () => {
  test('a signal that npm passes on right after the terminal is the same wish, a later one is haste', () => {
    const emitter = new EventEmitter();
    const seen: string[] = [];
    let nowMs = 0;
    const off = listenForSignals(
      { onStop: (s) => seen.push(`stop ${s}`), onHurry: (s) => seen.push(`hurry ${s}`), now: () => nowMs },
      emitter,
    );
    emitter.emit('SIGINT', 'SIGINT');
    nowMs = 50;
    emitter.emit('SIGINT', 'SIGINT');
    nowMs = 1_500;
    emitter.emit('SIGTERM', 'SIGTERM');
    off();
    emitter.emit('SIGINT', 'SIGINT');
    expect(seen).toEqual(['stop SIGINT', 'hurry SIGTERM']);
  });
});
