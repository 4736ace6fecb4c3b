/** Ports: free, taken, moved. Only ports that the system gives are used. */
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checkGatewayPort, chooseHubPorts, freePort, isPortFree } from '../../../src/launcher/ports.ts';

const HOST = '127.0.0.1';
const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

async function occupied(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function hubPorts(rtsp: number) {
  return { rtsp, webrtc: await freePort(HOST), hls: await freePort(HOST), api: await freePort(HOST) };
}

describe('ports', () => {
  test('a taken one is seen, a free one too', async () => {
    expect(await isPortFree(HOST, await occupied())).toBe(false);
    expect(await isPortFree(HOST, 0)).toBe(true);
  });

  test('a default port of the hub that is taken gives way to a free one', async () => {
    const ports = await hubPorts(await occupied());
    const chosen = await chooseHubPorts({ bind: HOST, ports, isStated: () => false });
    expect(chosen.moved).toEqual(['rtsp']);
    expect(chosen.ports).toEqual({ ...ports, rtsp: chosen.ports.rtsp });
    expect(await isPortFree(HOST, chosen.ports.rtsp)).toBe(true);
  });

  test('a port that the configuration names is used or refused', async () => {
    const ports = await hubPorts(await occupied());
    await expect(chooseHubPorts({ bind: HOST, ports, isStated: (name) => name === 'rtsp' })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `The hub's port ${ports.rtsp} (hub.rtsp_port) is taken.`,
    });
  });

  test('the page never moves silently', async () => {
    const port = await occupied();
    await expect(checkGatewayPort(HOST, port)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      remedy: expect.stringContaining(`PORT=${port + 1} npm start`),
    });
  });

  test('an address that is not of this machine is a fault of the configuration', async () => {
    await expect(checkGatewayPort('192.0.2.1', 8080)).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  });
});
