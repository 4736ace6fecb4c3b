import { describe, expect, it } from 'vitest';
import { judgePipeline } from '../../../src/actors/gateway/judge-pipeline.ts';
import { LatencyWindow } from '../../../src/actors/gateway/latency-window.ts';
import { RateMeter } from '../../../src/actors/gateway/rate-meter.ts';
import { TokenBuckets } from '../../../src/actors/gateway/token-bucket.ts';
import type { Sampling } from '../../../src/rpc/records.ts';
import { StatusBoard } from '../../../src/shm/status-board.ts';
import { formatMetrics } from '../../../src/telemetry/metrics.ts';

describe('the latency window', () => {
  it('gives nearest-rank percentiles of the last ten seconds', () => {
    const window = new LatencyWindow();
    window.add(0, 9_999);
    for (let ms = 1; ms <= 100; ms += 1) window.add(5_000, ms);
    expect(window.percentiles(10_001)).toEqual({ p50: 50, p95: 95, count: 100 });
    expect(window.percentiles(15_001)).toEqual({ p50: null, p95: null, count: 0 });
  });
});

describe('the rate meter', () => {
  it('gives the rate of the last two seconds, not of all time', () => {
    const meter = new RateMeter();
    expect(meter.perSecond()).toBe(0);
    for (let s = 0; s <= 10; s += 1) meter.read(s * 1_000, s * 30);
    expect(meter.perSecond()).toBe(30);
    for (let s = 11; s <= 13; s += 1) meter.read(s * 1_000, 300);
    expect(meter.perSecond()).toBe(0);
  });

  it('starts anew when the counter does', () => {
    const meter = new RateMeter();
    meter.read(0, 1_000);
    meter.read(1_000, 5);
    meter.read(2_000, 15);
    expect(meter.perSecond()).toBe(10);
  });
});

describe('token buckets', () => {
  it('let a burst through, then the rate, for each key by itself', () => {
    const buckets = new TokenBuckets({ perSecond: 2, burst: 3 });
    const take = (key: string, atMs: number, n: number) => Array.from({ length: n }, () => buckets.tryTake(key, atMs));
    expect(take('a', 0, 4)).toEqual([true, true, true, false]);
    expect(take('a', 500, 2)).toEqual([true, false]);
    expect(take('b', 500, 1)).toEqual([true]);
    buckets.forgetFull(60_000);
    expect(buckets.size).toBe(0);
  });

  it('stay bounded whatever addresses come', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 });
    for (let i = 0; i < 10_100; i += 1) buckets.tryTake(`address ${i}`, 0);
    expect(buckets.size).toBe(10_000);
  });
});

describe('the pipeline of a camera', () => {
  const names = ['decoder:c', 'inference', 'tracker:c'];
  const nowUs = 100e6;
  const judge = (
    fps: { decoded: number; analyzed: number },
    latencyP95Ms: number | null,
    break_?: string,
    sampling?: Sampling,
  ) => {
    const board = new StatusBoard(StatusBoard.allocate(3), names);
    for (const name of names) {
      board.row(name).state = 'running';
      board.row(name).set('heartbeatUs', name === break_ ? nowUs - 4e6 : nowUs);
    }
    return judgePipeline({ board, camera: 'c', nowUs, fps, latencyP95Ms, sampling: sampling ?? null });
  };

  it('is ok when frames are analysed in time, and when there are none', () => {
    expect(judge({ decoded: 30, analyzed: 30 }, 25)).toEqual({ pipeline: 'ok', detail: null });
    expect(judge({ decoded: 0, analyzed: 0 }, null).pipeline).toBe('ok');
  });

  it('is degraded when it skips many frames or is late', () => {
    expect(judge({ decoded: 30, analyzed: 15 }, 25)).toMatchObject({
      pipeline: 'degraded',
      detail: '15 of 30 frames a second are analysed.',
    });
    expect(judge({ decoded: 30, analyzed: 30 }, 900).pipeline).toBe('degraded');
  });

  it('tells even sampling from frames that are lost, and a road that is empty from both', () => {
    const sampled = judge({ decoded: 30, analyzed: 12 }, 25, undefined, { reason: 'load', fps: 12, of: 30 });
    expect(sampled).toEqual({ pipeline: 'degraded', detail: 'Sampled 12 of 30 fps: the model cannot keep up.' });
    const mildly = judge({ decoded: 30, analyzed: 27 }, 25, undefined, { reason: 'load', fps: 27, of: 30 });
    expect(mildly.pipeline).toBe('ok');
    const resting = judge({ decoded: 30, analyzed: 2 }, 25, undefined, { reason: 'empty_road', fps: 2, of: 30 });
    expect(resting).toEqual({ pipeline: 'ok', detail: null });
  });

  it('is down when a thread is silent or nothing is analysed', () => {
    expect(judge({ decoded: 30, analyzed: 30 }, 25, 'inference').detail).toBe('inference does not answer.');
    expect(judge({ decoded: 30, analyzed: 0 }, null).pipeline).toBe('down');
  });
});

describe('the Prometheus text', () => {
  it('escapes labels and leaves out what is not known', () => {
    const text = formatMetrics([
      {
        name: 'a_total',
        help: 'Two\nlines.',
        type: 'counter',
        samples: [
          { labels: { x: 'say "hi" \\ bye\n' }, value: 1 },
          { labels: { x: 'unknown' }, value: null },
        ],
      },
      { name: 'b', help: 'None.', type: 'gauge', samples: [{ value: null }] },
    ]);
    expect(text).toBe('# HELP a_total Two\\nlines.\n# TYPE a_total counter\na_total{x="say \\"hi\\" \\\\ bye\\n"} 1\n');
  });
});
