/** Environment variables and addresses of the hub. */
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { hubAddress } from '../../../src/config/hub-address.ts';

describe('environment', () => {
  test('an empty variable counts as not set', () => {
    expect(readEnvironment({ PORT: '', DATABASE_URL: ' ' }, '/')).toEqual({
      configFile: undefined,
      databaseUrl: undefined,
      hub: undefined,
      demoClip: undefined,
      modelsDir: undefined,
      adminToken: undefined,
      dataDir: undefined,
      host: undefined,
      port: undefined,
    });
  });

  test('relative paths count from the working directory', () => {
    const env = readEnvironment({ STOPSIGN_DEMO_CLIP: 'clip.mp4', STOPSIGN_DATA_DIR: '/var/lib/stopsign' }, '/srv');
    expect(env.demoClip).toBe('/srv/clip.mp4');
    expect(env.dataDir).toBe('/var/lib/stopsign');
  });

  test.each([
    [{ PORT: '80a' }, 'PORT must be a port number from 0 to 65535, found "80a".'],
    [{ PORT: '70000' }, 'PORT must be a port number from 0 to 65535, found "70000".'],
    [{ DATABASE_URL: 'localhost:5432' }, 'DATABASE_URL must be a Postgres address.'],
    [{ DATABASE_URL: 'mysql://u:secret@h/d' }, 'DATABASE_URL must be a Postgres address.'],
    [{ STOPSIGN_ADMIN_TOKEN: 'short' }, 'STOPSIGN_ADMIN_TOKEN must be at least 16 characters, found 5.'],
    [
      { STOPSIGN_LOG_LEVEL: 'loud' },
      'STOPSIGN_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, found "loud".',
    ],
    [{ MEDIA_HUB: 'http://hub:8889' }, 'MEDIA_HUB must be the address of a media hub, found "http://hub:8889".'],
  ])('%o is refused with a sentence', (env, sentence) => {
    expect(() => readEnvironment(env, '/')).toThrowError(
      expect.objectContaining({ code: 'BAD_CONFIG', message: sentence, remedy: expect.stringMatching(/\w/) }),
    );
  });
});

describe('address of a hub', () => {
  test.each([
    ['mediamtx', 'mediamtx', 8554, 8889],
    ['rtsp://10.0.0.5:9554', '10.0.0.5', 9554, 8889],
    ['hub.local:9554', 'hub.local', 9554, 8889],
    ['hub.local,rtsp=1,webrtc=2', 'hub.local', 1, 2],
    ['[::1]', '[::1]', 8554, 8889],
  ])('%s', (text, host, rtsp, webrtc) => {
    expect(hubAddress(text, 'MEDIA_HUB')).toEqual({
      rtsp: `rtsp://${host}:${rtsp}`,
      webrtc: `http://${host}:${webrtc}`,
      hls: `http://${host}:8888`,
      api: `http://${host}:9997`,
    });
  });

  test.each(['', 'a b', 'hub,rtsp=99999', 'hub,wrong=1', 'ftp://hub'])('"%s" is refused', (text) => {
    expect(() => hubAddress(text, 'MEDIA_HUB')).toThrowError(/MEDIA_HUB must be the address/);
  });
});
