/** `stopsign fault camera …` in a whole house: its camera comes back in another shape, and as it was by itself. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../../src/launcher/ports.ts';
import type { Incident } from '../../../src/rpc/control.ts';
import type { LiveFrame } from '../../../src/rpc/live.ts';
import { Launched } from '../../support/launched.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';
import { WsClient } from '../../support/ws-client.ts';

const ROOT = projectRoot();
const CLI = join(ROOT, 'dist/cli.js');
const SECONDS = 5;
let dir: string;
let config: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stopsign-camera-fault-'));
  chmodSync(dir, 0o755);
  config = join(dir, 'site.yaml');
  const ports = await Promise.all(
    ['rtsp', 'webrtc', 'hls', 'api'].map(async (name) => `  ${name}_port: ${await freePort('127.0.0.1')}`),
  );
  writeFileSync(config, `${readFileSync(join(ROOT, 'demo/demo.site.yaml'), 'utf8')}\nhub:\n${ports.join('\n')}\n`);
});
afterEach(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

test.runIf(process.platform === 'linux')(
  'a camera that was told to come back in another shape is seen in it, and as before when its time is over',
  async () => {
    const env = {
      ...process.env,
      ...{ STOPSIGN_LOG_LEVEL: 'info', DATABASE_URL: '', MEDIA_HUB: '', STOPSIGN_CONFIG: '', STOPSIGN_ADMIN_TOKEN: '' },
      ...{ PORT: '0', STOPSIGN_DATA_DIR: join(dir, 'data') },
    };
    await using house = new Launched([process.execPath, CLI, 'up', '--enable-faults', '--config', config], env, dir);
    const line = await house.line(({ msg }) => msg === 'StopSign is running', 'the house', 60_000);
    const url = new URL(String(line['url']));
    await using socket = new WsClient(`ws://${url.host}/ws/metadata?camera=demo`);
    const sizes = () => socket.ofType('frame').map(({ raw_dimensions: { w, h } }: LiveFrame) => `${w} × ${h}`);
    const sees = (size: string) =>
      until(() => sizes().at(-1) === size, { what: `a picture of ${size}`, timeoutMs: 30_000 });
    const incidents = async (): Promise<Incident[]> => {
      const response = await fetch(`${url.origin}/trpc/incidents.recent?input=${encodeURIComponent('{"limit":50}')}`);
      return ((await response.json()) as { result: { data: Incident[] } }).result.data;
    };
    const of = async (cause: Incident['cause']) => (await incidents()).filter((one) => one.cause === cause);

    await sees('1280 × 720');
    const command = [CLI, 'fault', 'camera', 'resize', '--seconds', String(SECONDS)];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...command, '--port', url.port, '--config', config],
      { env },
    );
    expect(stdout).toBe('resize was injected into camera.\n');
    await sees('640 × 480');
    await until(async () => (await of('shape')).length === 1, { what: 'the incident', timeoutMs: 10_000 });
    await sees('1280 × 720');
    await until(async () => (await of('shape'))[0]?.resolvedUtc !== null, { what: 'its end', timeoutMs: 10_000 });
    expect(await of('fault')).toHaveLength(1);
    // It was begun anew on purpose: no part of the house has failed.
    expect(await of('process')).toEqual([]);
    expect(new Set(sizes())).toEqual(new Set(['1280 × 720', '640 × 480']));
  },
  120_000,
);
