/** What each edge of the house does when the room behind it is too slow: docs/ring.md, "When somebody is slow". */
import { describe, expect, it } from 'vitest';
import { Flow, FRAME_MS, type Seen, seenIn } from './flow.ts';

const numbers = (seen: readonly Seen[]): number[] => seen.map(({ frame }) => frame);
const slowest = (seen: readonly Seen[]): number => Math.max(...seen.map(({ latencyMs }) => latencyMs));

function expectConserved({ frames }: Flow): void {
  const { offered, committed, dropped, aborted, claimed, consumed, skipped, inRing } = frames.counts();
  expect(offered).toBe(committed + dropped + aborted + claimed);
  expect(committed).toBe(consumed + skipped + inRing);
}

async function runAll(flow: Flow, ms: number): Promise<Seen[]> {
  await flow.inference.onStart();
  await flow.run(ms, [() => flow.inference.doWork(), () => flow.tracker.doWork()]);
  return seenIn(flow.take('facts:c'));
}

describe('a model slower than the camera', () => {
  it.each([50, 100, 300])(
    'live: %i ms a picture cost pictures, all counted, and the delay stays bounded',
    async (ms) => {
      const flow = new Flow({ detectMs: ms });
      const seen = await runAll(flow, 30_000);
      expectConserved(flow);
      expect(seen.length).toBeGreaterThan((0.6 * 30_000) / ms);
      expect(numbers(seen)).toEqual(numbers(seen).sort((a, b) => a - b));
      const { dropped, skipped, consumed } = flow.frames.counts();
      expect(consumed).toBe(seen.length);
      expect(dropped + skipped).toBeGreaterThan(0);
      // A picture waits for the run before its own at the longest, and no longer after half a minute than at first.
      expect(slowest(seen)).toBeLessThanOrEqual(2 * ms + FRAME_MS);
      const half = seen.length >> 1;
      expect(slowest(seen.slice(half))).toBeLessThanOrEqual(slowest(seen.slice(0, half)) + FRAME_MS);
    },
  );

  it('live: analyses every picture again some seconds after the model keeps up', async () => {
    const flow = new Flow({ detectMs: 300 });
    await runAll(flow, 10_000);
    flow.detectMs = 15;
    await runAll(flow, 10_000);
    const seen = await runAll(flow, 3_000);
    expect(seen.length).toBeGreaterThanOrEqual(89);
    expect(slowest(seen)).toBeLessThanOrEqual(15 + FRAME_MS);
    expectConserved(flow);
  });

  it('replay: the source waits, and every picture is analysed once and in order', async () => {
    const flow = new Flow({ detectMs: 300, policy: 'lossless' });
    const seen = await runAll(flow, 30_000);
    expect(numbers(seen)).toEqual(seen.map((_, i) => i));
    expect(flow.frames.counts()).toMatchObject({ dropped: 0, skipped: 0, aborted: 0 });
    expectConserved(flow);
  });
});

describe('a tracker that is stuck', () => {
  it('stops the camera’s analysis, not its decoder, and gets every result that was made', async () => {
    const flow = new Flow({ detectMs: 15, detectionBytes: 4_096 });
    await flow.inference.onStart();
    await flow.run(10_000, [() => flow.inference.doWork()]);
    const full = flow.counts('detections:c');
    expect(full.inRing).toBeGreaterThan(5);
    expect(flow.frames.counts().dropped).toBeGreaterThan(200);
    await flow.run(5_000, [() => flow.inference.doWork(), () => flow.tracker.doWork()]);
    const seen = seenIn(flow.take('facts:c'));
    const afterwards = flow.counts('detections:c');
    expect(afterwards.read).toBe(afterwards.written - afterwards.inRing);
    expect(seen).toHaveLength(afterwards.read);
    // Those that were waiting come first and without a gap; then it is live again.
    expect(numbers(seen.slice(0, full.inRing))).toEqual(Array.from({ length: full.inRing }, (_, i) => i));
    expect(slowest(seen.slice(-60))).toBeLessThanOrEqual(15 + 2 * FRAME_MS);
    expectConserved(flow);
  });
});

describe('a gateway that is stuck', () => {
  it('costs live messages, counted, and no fact', async () => {
    const flow = new Flow({ detectMs: 15, liveBytes: 4_096 });
    const seen = await runAll(flow, 10_000);
    expect(seen.length).toBeGreaterThan(290);
    const { inRing, rejected } = flow.counts('tracks:c');
    const { skipped, out, in: taken } = flow.room('tracker:c').row.snapshot();
    expect(inRing).toBeGreaterThan(0);
    expect(rejected).toBeGreaterThanOrEqual(skipped);
    expect(out + skipped).toBe(taken);
    expect(taken).toBe(seen.length);
  });
});

describe('a persister that is stuck', () => {
  it('costs stored frames, counted, and neither live messages nor tracks', async () => {
    const flow = new Flow({ detectMs: 15, factBytes: 8_192 });
    await flow.inference.onStart();
    let live = 0;
    const gateway = flow.room('gateway').recordReader('tracks:c');
    const listen = (): number => {
      const read = gateway.drain(() => {}, 64);
      live += read;
      return read;
    };
    await flow.run(20_000, [() => flow.inference.doWork(), () => flow.tracker.doWork(), listen]);
    const { dropped, in: taken, waiting } = flow.room('tracker:c').row.snapshot();
    expect(taken).toBeGreaterThan(590);
    expect(live).toBeGreaterThanOrEqual(taken);
    expect(dropped).toBeGreaterThan(400);
    // The track is told of every five seconds; what found no room waits.
    expect(waiting).toBeGreaterThan(0);
    const persister = flow.room('persister');
    const first = flow.take('facts:c', persister);
    await flow.run(1_000, [() => flow.inference.doWork(), () => flow.tracker.doWork(), listen]);
    const then = flow.take('facts:c', persister);
    const tracks = [...first, ...then].filter(({ kind }) => kind === 'track');
    expect(tracks.length).toBeGreaterThanOrEqual(4);
    expect(flow.room('tracker:c').row.get('waiting')).toBe(0);
  });
});
