/** The configuration file: what is accepted, and what a person reads when something is wrong. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findConfig, loadConfig, loadConfigFile } from '../../../src/config/load.ts';
import { DEMO_CONFIG } from '../../../src/config/project-files.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { schemaKeys } from '../../../src/config/schema-keys.ts';
import { StopsignError } from '../../../src/errors.ts';
import { projectRoot } from '../../support/shared.ts';

const SITE = `site:
  name: demo
  units: km/h
  timezone: Europe/Berlin
  image: { width: 1280, height: 720 }
  stop_line: [[300, 500], [600, 500]]
  approach: [[450, 200], [450, 500]]
  stop_zone: [[300, 400], [600, 400], [600, 490], [300, 490]]
`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stopsign-config-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(text: string, name = 'stopsign.yaml'): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

function failure(text: string): StopsignError {
  write(text);
  try {
    loadConfigFile('stopsign.yaml', dir);
  } catch (error) {
    if (error instanceof StopsignError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('a good configuration', () => {
  test('with only a site gets every default', () => {
    write(SITE);
    const { config } = loadConfigFile('stopsign.yaml', dir);
    expect(config.gateway).toEqual({ host: '127.0.0.1', port: 8080, allow_origins: [] });
    expect(config.site?.policy).toEqual({ stop_speed: 1.5, min_stop_s: 0.5, rolling_below: 8, confidence: 0.95 });
    expect(config.model.min_score).toBe(0.25);
  });

  test('knows which keys the file states itself and which are defaults', () => {
    write(`${SITE}hub:\n  rtsp_port: 8554\n`);
    const loaded = loadConfigFile('stopsign.yaml', dir);
    expect(loaded.states(['hub', 'rtsp_port'])).toBe(true);
    expect(loaded.states(['hub', 'hls_port'])).toBe(false);
  });

  test('the example explains every key and is accepted', () => {
    const { config } = loadConfigFile('config/stopsign.example.yaml', projectRoot());
    expect(config.cameras?.length).toBeGreaterThan(0);
  });

  test('the demo that comes with the program is accepted and has no camera of its own', () => {
    const { config } = loadConfigFile(DEMO_CONFIG);
    expect(config.site?.calibration?.points.length).toBeGreaterThanOrEqual(4);
    expect(config.cameras).toBeUndefined();
  });
});

describe('where the configuration is looked for', () => {
  test('the flag wins over the variable, the variable over ./stopsign.yaml', () => {
    write(SITE);
    expect(findConfig({ flag: 'a.yaml', variable: 'b.yaml', cwd: dir }).path).toBe(join(dir, 'a.yaml'));
    expect(findConfig({ variable: 'b.yaml', cwd: dir }).path).toBe(join(dir, 'b.yaml'));
    expect(findConfig({ cwd: dir })).toEqual({ path: join(dir, 'stopsign.yaml'), isDemo: false });
  });

  test('without any of them it is the demo', () => {
    expect(findConfig({ cwd: dir })).toEqual({ path: DEMO_CONFIG, isDemo: true });
  });
});

describe('a fault is told with its place', () => {
  test('a value outside the choices names the choices and what was found', () => {
    const error = failure(SITE.replace('km/h', 'kmh'));
    expect(error.code).toBe('BAD_CONFIG');
    expect(error.message).toBe('stopsign.yaml:3:10 site.units: expected "km/h" or "mph", found "kmh".');
    expect(error.remedy).toContain('stopsign.example.yaml');
  });

  test('an unknown key is named with the one that was probably meant', () => {
    expect(failure(`${SITE}gatway: { port: 1 }\n`).message).toBe(
      'stopsign.yaml:9:1 gatway: there is no such key. Did you mean "gateway"?',
    );
    expect(failure(SITE.replace('stop_line', 'stopline')).message).toContain('Did you mean "stop_line"?');
    expect(failure(`${SITE}cameras: [{ name: a, sorce: x }]\n`).message).toContain(
      'cameras[0].sorce: there is no such key. Did you mean "source"?',
    );
  });

  test('a missing key is pointed at from its parent', () => {
    const text = SITE.replace(/ {2}image:.*\n/, '');
    expect(failure(text).message).toBe('stopsign.yaml:2:3 site.image: is missing, expected a group of keys.');
  });

  test('numbers out of range and lists that are too short say the limit', () => {
    expect(failure(`${SITE}gateway: { port: 70000 }\n`).message).toContain(
      'gateway.port: expected a number of at most 65535, found 70000.',
    );
    expect(failure(SITE.replace(/stop_zone: .*/, 'stop_zone: [[1, 2]]')).message).toContain(
      'site.stop_zone: expected a list of at least 3, found a list of 1.',
    );
  });

  test('every fault is told, not only the first', () => {
    const { message } = failure(`${SITE.replace('km/h', 'kmh')}gateway: { port: no }\nwrong: 1\n`);
    expect(message.split('\n')).toHaveLength(3);
  });

  test('text that is no YAML gives line and column', () => {
    expect(failure('site:\n  name: [1, 2\nunits: x\n').message).toMatch(/^stopsign\.yaml:\d+:\d+ is not valid YAML: /);
  });

  test('an empty file says so', () => {
    expect(failure('# nothing\n').message).toBe('stopsign.yaml is empty.');
  });

  test('geometry that cannot be judged points at its key', () => {
    const { message } = failure(SITE.replace('[[450, 200], [450, 500]]', '[[450, 500], [450, 200]]'));
    expect(message).toMatch(/^stopsign\.yaml:7:13 site: approach /);
  });

  test('two cameras of one name, and a camera without a site', () => {
    expect(failure(`${SITE}cameras: [{ name: front }, { name: front }]\n`).message).toContain(
      'cameras[1].name: expected a name of its own, found "front", which is also cameras[0].',
    );
    expect(failure('cameras: [{ name: front }]\n').message).toContain('cameras[0].site: is missing');
    expect(failure('gateway: { port: 1 }\n').message).toContain('site: is missing');
  });
});

describe('how video is fetched and played', () => {
  test('over tcp or udp, and by nothing else', () => {
    write(`${SITE}cameras: [{ name: a, rtsp_transport: udp }, { name: b, rtsp_transport: tcp }, { name: c }]\n`);
    const { config } = loadConfigFile('stopsign.yaml', dir);
    expect(config.cameras?.map((camera) => camera.rtsp_transport)).toEqual(['udp', 'tcp', undefined]);
    expect(failure(`${SITE}cameras: [{ name: a, rtsp_transport: http }]\n`).message).toMatch(
      /^stopsign\.yaml:9:\d+ cameras\[0\]\.rtsp_transport: .*"tcp".*"udp"/,
    );
  });

  test('over a range of ports for viewers that goes upwards', () => {
    const ports = (range: string) => `${SITE}hub: { webrtc_udp_ports: ${range} }\n`;
    write(ports('[50000, 50000]'));
    expect(loadConfigFile('stopsign.yaml', dir).config.hub.webrtc_udp_ports).toEqual([50_000, 50_000]);
    expect(failure(ports('[50200, 50000]')).message).toMatch(
      /^stopsign\.yaml:9:\d+ hub\.webrtc_udp_ports: .*the lower port first/,
    );
    for (const range of ['[0, 50000]', '[50000, 65536]', '[50000]', '[50000, 50100, 50200]', '50000']) {
      expect(failure(ports(range)).message, range).toContain('hub.webrtc_udp_ports');
    }
  });
});

describe('a file that cannot be read', () => {
  test('is INPUT_MISSING with a remedy', () => {
    expect(() => loadConfig({ flag: 'nowhere.yaml', cwd: dir })).toThrowError(
      expect.objectContaining({ code: 'INPUT_MISSING', message: 'The configuration nowhere.yaml is not there.' }),
    );
    expect(() => loadConfig({ flag: '.', cwd: dir })).toThrowError(/is a folder/);
  });

  test.skipIf(process.getuid?.() === 0)('says why when it is not allowed', () => {
    chmodSync(write(SITE), 0o000);
    expect(() => loadConfigFile('stopsign.yaml', dir)).toThrowError(/cannot be read \(EACCES\)/);
  });
});

test('the example mentions every key that the schema knows', () => {
  const text = readFileSync(join(projectRoot(), 'config/stopsign.example.yaml'), 'utf8');
  const groups: (string | number)[][] = [
    [],
    ['site'],
    ['site', 'policy'],
    ['cameras', 0],
    ['model'],
    ['hub'],
    ['gateway'],
    ['database'],
    ['memory'],
    ['access'],
  ];
  const keys = groups.flatMap((path) => schemaKeys(configSchema, path));
  expect(keys.length).toBeGreaterThan(30);
  expect(keys.filter((key) => !new RegExp(`^[\\s#-]*${key}:`, 'm').test(text))).toEqual([]);
});

describe('the truth of a camera', () => {
  const camera = (truth: string) => `${SITE}cameras:\n  - name: clip\n    truth: ${truth}\n`;
  const header = { type: 'header', v: 1, loop: true, duration_s: 60, width: 1280, height: 720, units: 'km/h' };

  test('is found relative to the configuration file', () => {
    write(`${JSON.stringify({ ...header, scenario: 'demo' })}\n{"type":"frame"}\n`, 'clip.truth.ndjson');
    write(camera('clip.truth.ndjson'));
    const { config } = loadConfigFile(join(dir, 'stopsign.yaml'), '/');
    expect(config.cameras?.[0]?.truth).toBe(join(dir, 'clip.truth.ndjson'));
  });

  test.each([
    ['that is not there', null, 'INPUT_MISSING', /^stopsign\.yaml:\d+:\d+ cameras\[0\]\.truth: .* is not there/],
    ['that is something else', { boxes: [] }, 'BAD_CONFIG', /does not begin with the header/],
    ['of another version', { ...header, v: 2 }, 'BAD_CONFIG', /does not begin with the header/],
    ['of a clip that does not loop', { ...header, loop: false }, 'BAD_CONFIG', /does not loop/],
    ['of a clip of odd length', { ...header, duration_s: 12.5 }, 'BAD_CONFIG', /12\.5 s, which is not whole seconds/],
  ])('%s is refused with its place and a remedy', (_, first, code, sentence) => {
    if (first) write(`${JSON.stringify(first)}\n`, 'clip.truth.ndjson');
    const error = failure(camera('clip.truth.ndjson'));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.remedy).toBeTruthy();
  });
});
