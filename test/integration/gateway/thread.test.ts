/** The compiled gateway on its own thread, as the supervisor starts it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { gatewaySpec } from '../../../src/actors/gateway/spec.ts';
import { exposeControl } from '../../../src/actors/runtime/control.ts';
import { RoomThread } from '../../../src/actors/runtime/room-thread.ts';
import type { SupervisorControl } from '../../../src/rpc/control.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { RecordRing } from '../../../src/shm/record-ring.ts';
import { StatusBoard } from '../../../src/shm/status-board.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';
import { WsClient } from '../../support/ws-client.ts';
import { site, TOKEN } from './gateway-fixture.ts';

function openThread(port: number) {
  const spec = gatewaySpec(
    {
      cameras: [{ name: 'front', source: null, site, configVersion: 'v', demo: true, truth: null }],
      hub: {
        rtsp: 'rtsp://127.0.0.1:1',
        webrtc: 'http://127.0.0.1:1',
        hls: 'http://127.0.0.1:1',
        api: 'http://127.0.0.1:1',
      },
      model: {
        name: 'm',
        path: '/m',
        sha256: 's',
        family: null,
        input: null,
        classes: null,
        minScore: 0.25,
        nmsIou: 0.5,
        threads: 1,
      },
      gateway: { host: '127.0.0.1', port },
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      keepDetectionsDays: 7,
      dataDir: '/nowhere',
      webDir: '/nowhere',
      adminToken: TOKEN,
      viewers: 'public',
    },
    '0.0.0',
  );
  const names = ['gateway', 'persister', 'inference', 'tracker:front', 'decoder:front'];
  const boardMemory = StatusBoard.allocate(names.length);
  const board = new StatusBoard(boardMemory, names);
  const channel = new MessageChannel();
  const nothing = async () => {};
  const control: SupervisorControl = {
    restart: nothing,
    incidents: async () => [],
    command: nothing,
    fault: nothing,
  };
  exposeControl(control, channel.port1);
  const thread = new RoomThread(pathToFileURL(`${projectRoot()}/dist/${spec.entry}`), {
    name: spec.name,
    generation: 1,
    settings: spec.settings,
    reads: spec.reads,
    writes: spec.writes,
    board: boardMemory,
    bells: new SharedArrayBuffer(Bell.bytesFor(names.length)),
    names,
    rings: spec.reads.map((name) => ({
      name,
      kind: 'records' as const,
      memory: RecordRing.allocate({ capacity: 65_536 }),
      writer: name.replace('tracks', 'tracker').replace('signals', 'decoder'),
      reader: 'gateway',
    })),
    supervisor: channel.port2,
  });
  return {
    thread,
    row: board.row('gateway'),
    async [Symbol.asyncDispose]() {
      await thread.stop(5_000, () => true);
      channel.port1.close();
    },
  };
}

describe('the gateway on its thread', () => {
  it('serves, keeps its heartbeat, and stops in order with viewers connected', async () => {
    await using gateway = openThread(0);
    await gateway.thread.ready;
    const port = gateway.row.get('gauge0');
    const origin = `127.0.0.1:${port}`;
    expect((await fetch(`http://${origin}/healthz`)).status).toBe(200);
    await using client = new WsClient(`ws://${origin}/ws/metadata?camera=front`);
    await client.waitFor('status', 2);
    const watching = await fetch(`http://${origin}/trpc/status.watch`);
    await watching.body?.getReader().read();
    const heartbeat = gateway.row.get('heartbeatUs');
    await until(() => gateway.row.get('heartbeatUs') > heartbeat, { what: 'a heartbeat' });
    expect(await gateway.thread.stop(5_000, () => true)).toBe('stopped');
    expect((await gateway.thread.ended).exitCode).toBe(0);
    expect(gateway.row.get('inNative')).toBe(0);
    await client.waitClosed();
  });

  it('ends with PORT_TAKEN and its remedy, and the process lives on', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    try {
      await using gateway = openThread((other.address() as AddressInfo).port);
      await expect(gateway.thread.ready).rejects.toMatchObject({ code: 'PORT_TAKEN', remedy: expect.any(String) });
      expect((await gateway.thread.ended).exitCode).toBe(1);
    } finally {
      other.close();
    }
  });
});
