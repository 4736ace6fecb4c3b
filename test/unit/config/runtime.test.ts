/** What the analyzer is told, and the secrets and names that go with it. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inferenceSettings } from '../../../src/actors/inference/settings.ts';
import { openAdminToken } from '../../../src/config/admin-token.ts';
import { buildRuntime } from '../../../src/config/build-runtime.ts';
import { calibrationVersion, configVersion } from '../../../src/config/config-version.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { DEFAULT_HUB_PORTS, hubUrls } from '../../../src/config/hub-address.ts';
import { runtimeSchema } from '../../../src/config/runtime.ts';
import { type Config, configSchema } from '../../../src/config/schema.ts';
import type { Site } from '../../../src/domain/types.ts';
import { plan } from '../../../src/plan.ts';

const SITE = {
  name: 'corner',
  image: { width: 1280, height: 720 },
  stop_line: [
    [300, 500],
    [600, 500],
  ],
  approach: [
    [450, 200],
    [450, 500],
  ],
  stop_zone: [
    [300, 400],
    [600, 400],
    [600, 490],
  ],
};

function runtimeOf(raw: unknown, env: NodeJS.ProcessEnv = {}, demoTruth?: string) {
  const config: Config = configSchema.parse(raw);
  return buildRuntime({
    loaded: { config },
    environment: readEnvironment(env, '/'),
    dataDir: '/data',
    hub: hubUrls('127.0.0.1', DEFAULT_HUB_PORTS),
    databaseUrl: 'postgres://u@localhost/db',
    model: { name: 'm', path: '/m.onnx', sha256: 'ab', family: null, input: null, classes: null },
    adminToken: 'token',
    cores: 8,
    ...(demoTruth === undefined ? {} : { demoTruth }),
  });
}

describe('runtime', () => {
  test('without a camera it has the virtual one with the top-level site', () => {
    const runtime = runtimeOf({ site: SITE });
    expect(runtime.cameras).toMatchObject([{ name: 'demo', source: null, demo: true, site: { name: 'corner' } }]);
    expect(runtimeSchema.safeParse(runtime).success).toBe(true);
  });

  test('a camera takes its own site, else the shared one', () => {
    const own = { ...SITE, name: 'own' };
    const source = 'rtsp://10.0.0.2/1';
    const { cameras } = runtimeOf({
      site: SITE,
      cameras: [
        { name: 'a', source },
        { name: 'b', site: own },
      ],
    });
    expect(cameras.map(({ name, source, demo, site }) => [name, source, demo, site.name])).toEqual([
      ['a', source, false, 'corner'],
      ['b', null, false, 'own'],
    ]);
  });

  test('the virtual camera has the truth that was found beside its clip, a real one only what it names', () => {
    expect(runtimeOf({ site: SITE }, {}, '/demo.truth.ndjson').cameras[0]?.truth).toBe('/demo.truth.ndjson');
    expect(runtimeOf({ site: SITE }).cameras[0]?.truth).toBeNull();
    const cameras = [{ name: 'a' }, { name: 'b', truth: '/b.truth.ndjson' }];
    const { cameras: real } = runtimeOf({ site: SITE, cameras }, {}, '/demo.truth.ndjson');
    expect(real.map(({ truth }) => truth)).toEqual([null, '/b.truth.ndjson']);
  });

  test('PORT wins over the configuration', () => {
    const raw = { site: SITE, gateway: { port: 9000 } };
    expect(runtimeOf(raw).gateway.port).toBe(9000);
    expect(runtimeOf(raw, { PORT: '9001' }).gateway.port).toBe(9001);
  });

  test('the detector takes half of the cores, at most four, unless told', () => {
    expect(runtimeOf({ site: SITE }).model.threads).toBe(4);
    expect(runtimeOf({ site: SITE, model: { threads: 2 } }).model.threads).toBe(2);
  });

  test('a configuration version follows the meaning, not the order of keys', () => {
    const [camera] = runtimeOf({ site: SITE }).cameras;
    const [reordered] = runtimeOf({ site: Object.fromEntries(Object.entries(SITE).reverse()) }).cameras;
    const [changed] = runtimeOf({ site: { ...SITE, policy: { stop_speed: 2 } } }).cameras;
    expect(reordered?.configVersion).toBe(camera?.configVersion);
    expect(changed?.configVersion).not.toBe(camera?.configVersion);
    expect(camera && configVersion(camera.site)).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('the motion gate', () => {
  const gates = (raw: object) => runtimeOf({ site: SITE, ...raw }).cameras.map(({ motionGate }) => motionGate ?? false);
  const cameras = [{ name: 'a' }, { name: 'b', motion_gate: true }, { name: 'c', motion_gate: false }];

  test('is off unless it is asked for, for all cameras or for one', () => {
    expect(gates({})).toEqual([false]);
    expect(gates({ inference: { motion_gate: true } })).toEqual([true]);
    expect(gates({ cameras })).toEqual([false, true, false]);
    expect(gates({ cameras, inference: { motion_gate: true } })).toEqual([true, true, false]);
  });

  test('gets the road of its camera with the plan, and the other cameras none', () => {
    const { children } = plan(runtimeOf({ site: SITE, cameras }), { version: 'test', firstTrackIds: {} });
    const settings = inferenceSettings.parse(children.find(({ name }) => name === 'inference')?.settings);
    const { image, stop_line, approach, stop_zone } = SITE;
    const vehicles = ['car', 'truck', 'bus', 'motorcycle'];
    expect(settings.gates).toEqual({ b: { image, stop_line, approach, stop_zone, vehicles } });
  });
});

test('a tracker is told the calibration that its camera is asked for at the next start', () => {
  const { children } = plan(runtimeOf({ site: SITE }), { version: 'test', firstTrackIds: {} });
  const settings = children.filter(({ name }) => name.startsWith('tracker:')).map((child) => child.settings);
  expect(settings).toEqual([expect.objectContaining({ calibration: calibrationVersion(SITE as unknown as Site) })]);
});

describe('admin token', () => {
  test('is made once, kept for the owner alone, and found again', () => {
    const dir = mkdtempSync(join(tmpdir(), 'stopsign-token-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const first = openAdminToken(dir, undefined);
    const second = openAdminToken(dir, undefined);
    expect(first.isNew).toBe(true);
    expect(second).toEqual({ ...first, isNew: false });
    expect(first.token).toMatch(/^[0-9a-f]{48}$/);
    expect(statSync(first.file as string).mode & 0o777).toBe(0o600);
    expect(readFileSync(first.file as string, 'utf8').trim()).toBe(first.token);
  });

  test('from the environment is written nowhere', () => {
    expect(openAdminToken('/nowhere', 'given-by-the-operator')).toEqual({
      token: 'given-by-the-operator',
      file: null,
      isNew: false,
    });
  });
});
