/** What goes wrong in the field: each gives one clear sentence and a remedy, and all is well again when the cause is gone. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveStatus } from '../../src/rpc/live.ts';
import { openHub, pushClip, untilReady } from '../support/hub.ts';
import { projectRoot } from '../support/shared.ts';
import { freePort, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stopsign-bad-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const DEMO_SITE = join(projectRoot(), 'demo/demo.site.yaml');

async function configWith(text: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const path = join(dir, `${Math.random().toString(36).slice(2)}.yaml`);
  await writeFile(path, `${await readFile(DEMO_SITE, 'utf8')}\n${text}\n`);
  return path;
}

/** Runs the command line to its end. */
function run(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [join(projectRoot(), 'dist/cli.js'), ...args], {
    cwd: dir,
    env: { ...process.env, STOPSIGN_DATA_DIR: join(dir, 'data'), STOPSIGN_LOG_LEVEL: 'info', ...env },
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, text })));
}

async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('a camera that cannot be had', () => {
  async function statusOf(url: string): Promise<LiveStatus | undefined> {
    const answer = await fetch(`${url}/trpc/cameras.list`);
    const body = (await answer.json()) as { result: { data: { stream: LiveStatus | null }[] } };
    return body.result.data[0]?.stream ?? undefined;
  }

  it('is explained on the page, whatever is there instead of it, and plays as soon as it is there', async () => {
    const port = await freePort();
    const config = await configWith(
      `cameras:\n  - name: front\n    source: rtsp://admin:secret@127.0.0.1:${port}/street`,
    );
    await using system = await startSystem({ config });
    const says = (words: RegExp) =>
      until(async () => words.test((await statusOf(system.url))?.detail ?? ''), {
        what: `${words} on the page`,
        timeoutMs: 30_000,
        everyMs: 100,
      });
    await says(/refused|nobody listens|not reachable/i);

    const http = createHttpServer((_request, response) => response.end('hello'));
    http.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await listen(http, port);
    await says(/HTTP/);
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));

    const garbage = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write(Buffer.alloc(4096, 0xa5)));
    });
    await listen(garbage, port);
    await says(/not RTSP|no RTSP|does not speak RTSP|not speak RTSP|understood/i);
    await new Promise((resolve) => {
      garbage.close(resolve);
      setTimeout(resolve, 100);
    });

    const locked = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        const cseq = /CSeq: (\d+)/i.exec(data.toString())?.[1] ?? '1';
        socket.write(`RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseq}\r\nWWW-Authenticate: Basic realm="camera"\r\n\r\n`);
      });
    });
    await listen(locked, port);
    await says(/password/i);
    const status = await statusOf(system.url);
    expect(status?.detail).not.toContain('secret');
    expect(JSON.stringify(system.log)).not.toContain('secret');
    await new Promise((resolve) => {
      locked.close(resolve);
      setTimeout(resolve, 100);
    });

    await using hub = await openHub({ rtspPort: port });
    await using _push = pushClip(join(projectRoot(), 'demo/demo.mp4'), `${hub.urls.rtsp}/street`);
    await untilReady(hub.urls, 'street');
    await until(async () => (await statusOf(system.url))?.stream === 'online', {
      what: 'the camera to play',
      timeoutMs: 30_000,
    });
    await until(async () => (await fetch(`${system.url}/ready`)).status === 200, {
      what: 'readiness',
      timeoutMs: 15_000,
    });
  });
});

describe('a start that cannot succeed ends with one sentence and a remedy', () => {
  it('a configuration that is not there', async () => {
    const { code, text } = await run(['up', '--config', 'nowhere.yaml']);
    expect(code).toBe(66);
    expect(text).toContain('nowhere.yaml');
  });

  it('a configuration that is no YAML', async () => {
    await writeFile(join(dir, 'broken.yaml'), 'site: {name: x');
    const { code, text } = await run(['up', '--config', 'broken.yaml']);
    expect([code, text]).toEqual([64, expect.stringMatching(/broken\.yaml:\d+:\d+/)]);
  });

  it('a key with a wrong value', async () => {
    const { code, text } = await run(['up', '--config', await configWith('gateway: { prot: 81 }')]);
    expect(code).toBe(64);
    expect(text).toMatch(/prot.*port/s);
  });

  it('a model of the wrong shape', async () => {
    await writeFile(join(dir, 'odd.onnx'), Buffer.from('this is no model'));
    const { code, text } = await run(['up', '--config', await configWith(`model: { use: ${join(dir, 'odd.onnx')} }`)], {
      PORT: String(await freePort()),
    });
    expect(code).not.toBe(0);
    expect(text).toMatch(/odd\.onnx/);
  });

  it('a model with the wrong sha256', async () => {
    await writeFile(join(dir, 'yolox_nano.onnx'), Buffer.from('not what was promised'));
    const config = await configWith('model: { use: yolox-nano }');
    const { code, text } = await run(['up', '--config', config], {
      PORT: String(await freePort()),
      STOPSIGN_MODELS_DIR: dir,
    });
    expect(code).toBe(66);
    expect(text).toMatch(/yolox_nano\.onnx.*sha256.*models pull/s);
  });

  it('a taken port', async () => {
    const other = createServer();
    const port = await listen(other);
    const { code, text } = await run(['up', '--config', DEMO_SITE], { PORT: String(port) });
    expect(code).toBe(69);
    expect(text).toMatch(new RegExp(`${port}.*PORT=`, 's'));
    other.close();
  });
});

describe('a database that refuses', () => {
  it('keeps nobody from watching, is named with its remedy, and nothing is lost', async () => {
    const port = await freePort();
    await using system = await startSystem({
      config: DEMO_SITE,
      env: { DATABASE_URL: `postgres://nobody:wrong@127.0.0.1:${port}/none` },
    });
    const line = await until(() => system.log.find((l) => l['actor'] === 'persister' && l.level >= 40), {
      what: 'a sentence about the database',
      timeoutMs: 20_000,
    });
    expect(JSON.stringify(line)).not.toContain('wrong');
    await until(
      async () => {
        const { checks } = (await (await fetch(`${system.url}/ready`)).json()) as {
          checks: { name: string; detail: string }[];
        };
        return checks.some((check) => check.name === 'database' && /kept on disk/.test(check.detail));
      },
      { what: 'readiness to say that facts are spooled', timeoutMs: 20_000 },
    );
  });
});
