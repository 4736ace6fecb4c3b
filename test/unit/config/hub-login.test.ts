/** The login with which StopSign reads from the hub: where it comes from, and where it goes. */
import { describe, expect, it } from 'vitest';
import { buildRuntime } from '../../../src/config/build-runtime.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import { DEFAULT_HUB_PORTS, hubUrls } from '../../../src/config/hub-address.ts';
import { hubLogin } from '../../../src/config/hub-login.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { parseRtspAddress } from '../../../src/media/rtsp/rtsp-address.ts';
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

function loginOf(hub: object, env: NodeJS.ProcessEnv = {}) {
  return hubLogin(configSchema.parse({ hub }).hub, readEnvironment(env, '/'));
}

function runtimeOf(env: NodeJS.ProcessEnv) {
  return buildRuntime({
    loaded: { config: configSchema.parse({ site: SITE }) },
    environment: readEnvironment(env, '/'),
    dataDir: '/data',
    hub: hubUrls('mediamtx', DEFAULT_HUB_PORTS),
    databaseUrl: 'postgres://u@localhost/db',
    model: { name: 'm', path: '/m.onnx', sha256: 'ab', family: null, input: null, classes: null },
    adminToken: 'token',
    cores: 2,
  });
}

describe('the login for the hub', () => {
  it('is none unless it is set, and the environment wins over the file, each half by itself', () => {
    expect(loginOf({})).toBeNull();
    expect(loginOf({ user: 'a', password: 'b' })).toEqual({ user: 'a', password: 'b' });
    expect(loginOf({ user: 'a' }, { MEDIA_HUB_PASSWORD: 'c' })).toEqual({ user: 'a', password: 'c' });
    expect(loginOf({ user: 'a', password: 'b' }, { MEDIA_HUB_USER: 'd' })).toEqual({ user: 'd', password: 'b' });
  });

  it.each([
    [{ user: 'a' }, 'MEDIA_HUB_PASSWORD'],
    [{ password: 'secret' }, 'MEDIA_HUB_USER'],
    [{ user: 'a:b', password: 'secret' }, 'colon'],
  ])('of %o is refused with a sentence without the password', (hub, word) => {
    expect(() => loginOf(hub)).toThrowError(
      expect.objectContaining({
        code: 'BAD_CONFIG',
        message: expect.stringContaining(word),
        remedy: expect.any(String),
      }),
    );
    expect(() => loginOf(hub)).not.toThrowError(/secret/);
  });

  it('goes to the gateway, and to the decoders for the stream and for the control port', () => {
    const login = { user: 'stop@sign', password: 'p/w:#ä' };
    const runtime = runtimeOf({ MEDIA_HUB_USER: login.user, MEDIA_HUB_PASSWORD: login.password });
    const settings = Object.fromEntries(
      plan(runtime, { version: '1', firstTrackIds: {} }).children.map((child) => [child.name, child.settings]),
    ) as Record<string, { url: string; hubLogin?: object; hub?: object }>;
    expect(settings['gateway']?.hub).toMatchObject({ login });
    const decoder = settings['decoder:demo'];
    expect(decoder?.hubLogin).toEqual(login);
    expect(parseRtspAddress(decoder?.url ?? '')).toMatchObject({
      credentials: login,
      url: 'rtsp://mediamtx:8554/demo',
      label: 'mediamtx:8554/demo',
    });
  });

  it('is in nothing that is handed on when there is none', () => {
    expect(JSON.stringify(plan(runtimeOf({}), { version: '1', firstTrackIds: {} }))).not.toMatch(/login|@mediamtx/);
  });
});
