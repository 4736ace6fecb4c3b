/** Camera to browser without the launcher: hub, RTSP, decoder, model, tracker, Postgres, gateway; and threads that die. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveFrame, ServerMessage } from '../../src/rpc/live.ts';
import { FrameRing } from '../../src/shm/frame-ring.ts';
import { openStore } from '../../src/store/open-store.ts';
import { openAnalyzer } from '../support/analyzer.ts';
import { until } from '../support/until.ts';
import { WsClient } from '../support/ws-client.ts';

let analyzer: Awaited<ReturnType<typeof openAnalyzer>>;
let socket: WsClient;
const messages = (): ServerMessage[] => socket.messages;
const frames = () => messages().filter((m): m is LiveFrame => m.type === 'frame');

beforeAll(async () => {
  analyzer = await openAnalyzer();
  socket = new WsClient(`${analyzer.url.replace('http', 'ws')}/ws/metadata?camera=demo`);
});
afterAll(async () => {
  await socket?.[Symbol.asyncDispose]();
  await analyzer?.[Symbol.asyncDispose]();
});

/** Frames with a car in them go on arriving. */
async function flows(): Promise<void> {
  const from = frames().length;
  await until(
    () =>
      frames()
        .slice(from)
        .filter((f) => f.tracks.length > 0).length > 5,
    { what: 'frames with tracks', timeoutMs: 15_000 },
  );
}

describe('the pipeline on a real stream', () => {
  it('greets with the site and then sends a message for each frame', async () => {
    await flows();
    expect(messages()[0]).toMatchObject({ type: 'hello', camera: 'demo', scaled_dimensions: { w: 1280, h: 720 } });
    const [first, second] = frames().slice(-2);
    expect(first).toMatchObject({ v: 1, raw_dimensions: { w: 1280, h: 720 } });
    expect((second as LiveFrame).frame).toBeGreaterThan((first as LiveFrame).frame);
    // 30 fps: 3,000 ticks of the 90 kHz clock from frame to frame, as the publisher sent them.
    expect((((second as LiveFrame).rtp - (first as LiveFrame).rtp) >>> 0) % 3_000).toBe(0);
  });

  it('stamps each stage in order', async () => {
    await flows();
    const { received, decoded, inferred, tracked, emitted } = frames().at(-1)?.stages ?? { received: 0, decoded: 0 };
    const stamps = [received, decoded, inferred, tracked, emitted] as number[];
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
  });

  it('judges a pass, tells the browser, and stores the very same', async () => {
    const seen = await until(() => messages().find((m) => m.type === 'event' && m.event.type === 'pass'), {
      what: 'a pass',
      timeoutMs: 60_000,
    });
    const pass = seen.type === 'event' && seen.event.type === 'pass' ? seen.event : null;
    await using store = openStore({ url: analyzer.databaseUrl, applicationName: 'test', maxConnections: 1 });
    const [row] = await until(
      async () => {
        const rows = await store.ask((sql) => sql`select body from passes where id = ${pass?.id ?? ''}`);
        return rows.length > 0 ? rows : null;
      },
      { what: 'the row', timeoutMs: 10_000 },
    );
    expect(row?.['body']).toEqual(pass);
  });

  it.each(['decoder:demo', 'tracker:demo', 'persister'])(
    'is whole again within 3 s after the thread of %s was killed',
    async (name) => {
      const row = analyzer.board.row(name);
      const generation = row.get('generation');
      const lastEpoch = frames().at(-1)?.epoch ?? 0;
      const highestId = Math.max(...frames().flatMap((f) => f.tracks.map((t) => t.id)));
      const inView = new Set(
        frames()
          .slice(-90)
          .flatMap((f) => f.tracks.map((t) => t.id)),
      );
      const killedAt = performance.now();
      await analyzer.supervisor.terminate(name);
      await until(() => row.get('generation') === generation + 1 && row.state === 'running', { what: 'the successor' });
      await until(
        () =>
          performance.now() - killedAt > 0 &&
          (frames().at(-1)?.stages.decoded ?? 0) / 1000 > performance.timeOrigin + killedAt,
        {
          what: 'a frame decoded after the kill',
        },
      );
      expect(performance.now() - killedAt).toBeLessThan(3_000);
      await flows();
      expect(frames().at(-1)?.epoch).toBeGreaterThanOrEqual(name.startsWith('decoder') ? lastEpoch + 1 : lastEpoch);
      if (name.startsWith('tracker')) {
        const after = frames().filter((f) => (f.stages.tracked ?? 0) / 1000 > performance.timeOrigin + killedAt + 500);
        const ids = after.flatMap((f) => f.tracks.map((t) => t.id));
        const given = ids.filter((id) => id <= highestId && !inView.has(id));
        expect(given, 'a vehicle keeps its id, and none is given twice').toEqual([]);
      }
      expect(analyzer.incidents.some((i) => i.actor === name)).toBe(true);
      expect(analyzer.escalations).toEqual([]);
    },
  );

  it('restarts inference for the operator while frames flow', async () => {
    await analyzer.supervisor.control.restart('inference', 'the test');
    await flows();
    expect(analyzer.board.row('inference').snapshot()).toMatchObject({ state: 'running', generation: 2 });
  });

  it('comes back by itself after the camera was gone', async () => {
    await analyzer.push.kill();
    await until(() => messages().some((m) => m.type === 'status' && m.stream === 'connecting' && m.detail !== null), {
      what: 'a sentence about the stream',
      timeoutMs: 15_000,
    });
    await using _again = await analyzer.publishAgain();
    await flows();
  });

  it('loses no frame without counting it', () => {
    const ring = analyzer.supervisor.house.rings.find((r) => r.name === 'frames:demo');
    if (!ring) throw new Error('no frame ring');
    const c = new FrameRing(ring.memory).counts();
    expect(c.offered).toBe(c.committed + c.dropped + c.aborted);
    // Read while it runs: the two sides may differ by the frame that is just on its way.
    expect(Math.abs(c.committed - c.consumed - c.skipped - c.inRing)).toBeLessThanOrEqual(1);
  });
});
