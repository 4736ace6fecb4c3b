/** The files for containers, checked without Docker: that every path, port and variable they name is one of ours or MediaMTX's. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hubAddress } from '../../../src/config/hub-address.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { projectRoot } from '../../support/shared.ts';

const text = (file: string) => readFileSync(join(projectRoot(), file), 'utf8');
const known = JSON.parse(text('test/fixtures/mediamtx-keys.json')) as {
  version: string;
  global: string[];
  path: string[];
};
const compose = parse(text('docker-compose.yml'), { merge: true });
const mediamtx = parse(text('mediamtx.yml'));
const docker = text('Dockerfile');
const services = Object.entries(compose.services as Record<string, Record<string, unknown>>);
/** `host:container/udp` → the container's port. */
const portOf = (mapping: string) => Number(/(\d+)(?:\/udp)?$/.exec(mapping)?.[1]);
const listenPort = (address: string) => Number(address.split(':').at(-1));

describe('mediamtx.yml', () => {
  it('has only keys that the pinned version knows', () => {
    expect(compose.services.mediamtx.image).toBe(`bluenviron/mediamtx:${known.version}-ffmpeg`);
    const { paths, ...global } = mediamtx;
    expect(Object.keys(global).filter((key) => !known.global.includes(key))).toEqual([]);
    const pathKeys = Object.values(paths).flatMap((path) => Object.keys(path ?? {}));
    expect(pathKeys.filter((key) => !known.path.includes(key))).toEqual([]);
    // What is only shown as an example is a key, too.
    const examples = [...text('mediamtx.yml').matchAll(/^ {2}# {3}(\w+):/gm)].map(([, key]) => key ?? '');
    expect(examples.length).toBeGreaterThan(1);
    expect(examples.filter((key) => !known.path.includes(key))).toEqual([]);
  });

  it('opens what is used and nothing else', () => {
    expect(mediamtx).toMatchObject({ api: true, rtmp: false, srt: false, moq: false, rtspTransports: ['tcp'] });
    expect(mediamtx).toMatchObject({ hlsAlwaysRemux: true, webrtcLocalUDPAddress: ':8189' });
    expect(mediamtx.metrics ?? false).toBe(false);
    for (const user of mediamtx.authInternalUsers) expect(user.pass ?? user.ips).toBeTruthy();
  });

  it('takes the time of the demo from the demo, which keeps time with the wall clock', () => {
    expect(mediamtx.paths.demo).toEqual({ useAbsoluteTimestamp: true });
  });
});

describe('docker-compose.yml', () => {
  it.each(services)('hardens %s', (_, service) => {
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      networks: ['inside'],
      healthcheck: { test: expect.any(Array), interval: expect.any(String), timeout: expect.any(String) },
    });
  });

  it('publishes the page and RTSP for this machine alone, the video for all, and neither API nor metrics', () => {
    const published = services.flatMap(([, service]) => (service['ports'] as string[] | undefined) ?? []);
    expect(published).toEqual(['127.0.0.1:8554:8554', '8189:8189/udp', '127.0.0.1:8080:8080']);
    const ports = published.map(portOf);
    expect(ports).toContain(listenPort(mediamtx.webrtcLocalUDPAddress));
    expect(ports).toContain(configSchema.parse({}).gateway.port);
    expect(docker).toContain(`EXPOSE ${configSchema.parse({}).gateway.port}`);
  });

  it('finds MediaMTX where StopSign looks for it', () => {
    const { MEDIA_HUB } = compose.services.stopsign.environment;
    const urls = hubAddress(MEDIA_HUB, 'MEDIA_HUB');
    expect(Object.keys(compose.services)).toContain(new URL(urls.api).hostname);
    expect(listenPort(mediamtx.apiAddress)).toBe(listenPort(urls.api));
    const check = compose.services.mediamtx.healthcheck.test.join(' ');
    expect(check).toContain(`:${listenPort(mediamtx.apiAddress)}/v3/info`);
  });

  it('sets only variables that are read, and mounts only files and folders that are there', () => {
    const reads = text('src/config/environment.ts');
    for (const name of Object.keys(compose.services.stopsign.environment)) expect(reads).toContain(`'${name}'`);
    for (const name of Object.keys(compose.services.mediamtx.environment)) {
      expect(known.global.map((key) => `MTX_${key.toUpperCase()}`)).toContain(name);
    }
    const volumes = services.flatMap(([, service]) => (service['volumes'] as string[] | undefined) ?? []);
    for (const from of volumes.map((volume) => volume.split(':')[0] ?? '')) {
      if (from.startsWith('./')) expect(existsSync(join(projectRoot(), from)), from).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(from);
    }
    expect(compose.services.stopsign.volumes[0].split(':')[1]).toBe(/STOPSIGN_DATA_DIR=(\S+)/.exec(docker)?.[1]);
  });

  it('has no secret in it: all come from .env, which stays out of git and of the image', () => {
    const asked = [...text('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? '');
    const offered = [...text('.env.example').matchAll(/^(\w+)=(.*)$/gm)];
    expect(new Set(asked)).toEqual(new Set(offered.map(([, name]) => name)));
    for (const [, name = '', value] of offered) if (/PASSWORD|TOKEN/.test(name)) expect(value).toBe('');
    for (const file of ['.gitignore', '.dockerignore']) expect(text(file).split('\n')).toContain('.env');
  });
});

describe('Dockerfile', () => {
  const stages = docker.split(/^FROM /m).slice(1);

  it('builds in one stage and runs in another, on Debian 12, as nobody special', () => {
    expect(stages.map((stage) => stage.split(/\s/)[0])).toEqual(['node:20-bookworm', 'node:20-bookworm-slim']);
    expect(stages[1]).toMatch(/^USER node$/m);
    expect(stages[1]).not.toMatch(/--chown|apt-get install.*-dev/);
  });

  it('copies what is there, and everything that the program looks for', () => {
    const fromHere = [...docker.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files = '']) => files.split(' '));
    for (const file of fromHere) expect(existsSync(join(projectRoot(), file)), file).toBe(true);
    const final = [...(stages[1] ?? '').matchAll(/^COPY (?:--from=build )?(.*) \S+$/gm)].map(([, files]) => files);
    for (const folder of ['dist', 'node_modules', 'models', 'demo', 'migrations', 'sim', 'config', 'package.json']) {
      expect(final.join(' ')).toContain(folder);
    }
  });
});
