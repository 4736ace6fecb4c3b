/** Two houses that started in the same second found the same default ports free, and one hub could not listen. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { releasePorts } from '../../src/launcher/port-claim.ts';
import { chooseHubPorts, freePort } from '../../src/launcher/ports.ts';
import { endServer } from '../../src/launcher/postgres-process.ts';
import { projectRoot } from '../support/shared.ts';

const HOST = '127.0.0.1';
afterEach(() => releasePorts());

describe.runIf(process.platform === 'linux')('two houses', () => {
  test('a port that another launcher has claimed, and does not listen on yet, counts as taken', async () => {
    const names = ['rtsp', 'webrtc', 'hls', 'api'] as const;
    const free = await Promise.all(names.map(() => freePort(HOST)));
    const ports = { rtsp: free[0] ?? 0, webrtc: free[1] ?? 0, hls: free[2] ?? 0, api: free[3] ?? 0 };
    const module = pathToFileURL(`${projectRoot()}/dist/launcher/port-claim.js`).href;
    const code = `const { claimPort } = await import('${module}');
      console.log(await claimPort(${ports.rtsp}));
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [said] = await once(other.stdout, 'data');
      expect(String(said).trim()).toBe('true');
      const chosen = await chooseHubPorts({ bind: HOST, ports, isStated: () => false });
      expect(chosen.moved).toEqual(['rtsp']);
      expect(chosen.ports.rtsp).not.toBe(ports.rtsp);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    const later = await chooseHubPorts({ bind: HOST, ports, isStated: () => false });
    expect(later.moved).toEqual([]);
  });
});

test('a database that does not want to end gets what is left of the five seconds, not its usual three', async () => {
  const code = `for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {});
    setInterval(() => {}, 1000);
    console.log('here');`;
  const stubborn = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(stubborn.stdout, 'data');
  const isRunning = () => stubborn.exitCode === null && stubborn.signalCode === null;
  const startedMs = performance.now();
  await endServer(stubborn.pid ?? 0, isRunning, 400);
  expect(performance.now() - startedMs).toBeLessThan(1_500);
  expect(stubborn.signalCode).toBe('SIGKILL');
});
