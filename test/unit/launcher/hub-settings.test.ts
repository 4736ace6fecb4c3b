/** What the operator writes under `hub:` is what the hub's process is told, in words that it takes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { loadConfigFile } from '../../../src/config/load.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { ProcessSpec } from '../../../src/launcher/child-process.ts';
import { partsOf } from '../../../src/launcher/plan.ts';
import { freePort } from '../../../src/launcher/ports.ts';
import { prepare } from '../../../src/launcher/prepare.ts';
import { hubSettingsSchema, type ResolvedHubSettings } from '../../../src/media/hub/settings.ts';

/** What would have been started. */
const started = vi.hoisted(() => [] as ProcessSpec[]);
vi.mock('../../../src/launcher/child-process.ts', () => ({
  startChildProcess: async (spec: ProcessSpec) => void started.push(spec),
}));

const SITE = `
site:
  name: corner
  image: { width: 1280, height: 720 }
  stop_line: [[300, 500], [600, 500]]
  approach: [[450, 200], [450, 500]]
  stop_zone: [[300, 400], [600, 400], [600, 490]]
cameras:
  - { name: front, source: 'rtsp://cam/1', rtsp_transport: udp }
  - { name: yard }
`;

/** The hub as its process would open it. */
async function toldTo(hub: string): Promise<ResolvedHubSettings> {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-hub-settings-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const names = ['rtsp', 'webrtc', 'hls', 'api'];
  const ports = await Promise.all(names.map(async (name) => `  ${name}_port: ${await freePort('127.0.0.1')}`));
  writeFileSync(join(dir, 'stopsign.yaml'), `${SITE}\nhub:\n${ports.join('\n')}\n${hub}`);
  const { plan } = await prepare({
    loaded: { ...loadConfigFile(join(dir, 'stopsign.yaml')), isDemo: false },
    environment: readEnvironment({ DATABASE_URL: 'postgres://u@localhost/db', PORT: '0' }, dir),
    dataDir: dir,
    log: pino({ level: 'silent' }),
    resolveModel: async () => ({ name: 'm', path: '/m.onnx', sha256: 'ab', family: null, input: null, classes: null }),
    env: {},
  });
  started.length = 0;
  const hooks = { onLine: () => {}, onStarted: () => {}, onGone: () => {} };
  const part = partsOf(plan, hooks, pino({ level: 'silent' })).find(({ name }) => name === 'hub');
  await part?.start(new Map(), new AbortController().signal);
  return hubSettingsSchema.parse(JSON.parse(started[0]?.env['STOPSIGN_HUB'] ?? ''));
}

describe('the hub’s process', () => {
  it('is told everything that stands under hub', async () => {
    const settings = await toldTo(`
  bind: 127.0.0.1
  webrtc_udp_ports: [50000, 50200]
  additional_hosts: [192.0.2.7]
  max_viewers: 12
  allow_origins: ['https://example.org']
  access:
    users:
      - { user: guest, pass: 'sha256:abc', ips: [10.0.0.0/8], permissions: [{ action: read, path: '~^front$' }] }
`);
    expect(settings).toMatchObject({
      bind: '127.0.0.1',
      webrtcUdpPorts: [50_000, 50_200],
      additionalHosts: ['192.0.2.7'],
      maxViewers: 12,
      allowOrigins: ['https://example.org'],
      access: {
        users: [
          {
            user: 'guest',
            pass: 'sha256:abc',
            ips: ['10.0.0.0/8'],
            permissions: [{ action: 'read', path: '~^front$' }],
          },
        ],
      },
      sources: [{ name: 'front', url: 'rtsp://cam/1', transport: 'udp' }],
      trustThisMachine: true,
    });
    for (const port of [settings.rtspPort, settings.webrtcPort, settings.hlsPort, settings.apiPort])
      expect(port).toBeGreaterThan(0);
  });

  it('is told the one port for all viewers, and never both it and a range', async () => {
    expect(await toldTo('  webrtc_udp_port: 8189\n')).toMatchObject({ webrtcUdpPort: 8189 });
    await expect(toldTo('  webrtc_udp_port: 8189\n  webrtc_udp_ports: [1, 2]\n')).rejects.toThrowError(/not both/);
  });

  it('asks the authentication server that is named there', async () => {
    const { access } = await toldTo('  access: { http: "http://127.0.0.1:9000/auth" }\n');
    expect(access).toEqual({ http: 'http://127.0.0.1:9000/auth' });
  });

  it('lets no other page play unless one is named, and nobody is known by default', async () => {
    expect(await toldTo('')).toMatchObject({ allowOrigins: [], access: {}, additionalHosts: [], maxViewers: 100 });
  });

  it('knows every key of the configuration: a new one is added here, or it is for StopSign itself', () => {
    expect(Object.keys(configSchema.shape.hub.unwrap().shape).toSorted()).toEqual(
      [
        ...['host', 'user', 'password'],
        ...['rtsp_port', 'webrtc_port', 'hls_port', 'api_port'],
        ...[
          'bind',
          'webrtc_udp_port',
          'webrtc_udp_ports',
          'additional_hosts',
          'max_viewers',
          'access',
          'allow_origins',
        ],
      ].toSorted(),
    );
  });
});
