import { describe, expect, it } from 'vitest';
import { FramePace } from '../../../src/web/overlay/frame-pace.ts';
import { LateMetadata } from '../../../src/web/overlay/late-metadata.ts';
import { HOPS, Staleness } from '../../../src/web/overlay/staleness.ts';
import { HEAT_COLUMNS, HEAT_ROWS, StandingHeat } from '../../../src/web/overlay/standing-heat.ts';
import type { Match } from '../../../src/web/overlay/sync.ts';
import { SHARE_WINDOW, SyncScore } from '../../../src/web/overlay/sync-score.ts';
import { Trails } from '../../../src/web/overlay/trails.ts';
import { datedBySegment } from '../../../src/web/player/hls-playback.ts';
import { ratesBetween, readFigures, streamTrouble } from '../../../src/web/player/stream-figures.ts';
import { liveFrame, track } from './examples.ts';

const match = (changes: Partial<Match>): Match => ({
  tier: 1,
  kind: 'exact',
  frame: null,
  tracks: [],
  capturedUtc: null,
  arrivedMs: null,
  residualMs: 0,
  ...changes,
});

describe('SyncScore', () => {
  it('counts the exact share over the last 300 displayed frames only', () => {
    const score = new SyncScore();
    for (let i = 0; i < 100; i++) score.add(match({ tier: 5, kind: 'latest', residualMs: null }));
    expect([score.exactShare, score.tier, score.residualMs(0.95)]).toEqual([0, 5, null]);
    for (let i = 0; i < SHARE_WINDOW - 100; i++) score.add(match({}));
    expect(score.exactShare).toBeCloseTo(2 / 3);
    for (let i = 0; i < 100; i++) score.add(match({}));
    expect([score.exactShare, score.syncedShare, score.tier]).toEqual([1, 1, 1]);
  });
  it('counts what was placed and what was matched by its moment as in step, and guesses on their own', () => {
    const score = new SyncScore();
    for (const kind of ['exact', 'near', 'between', 'ahead', 'none'] as const)
      score.add(match({ kind, residualMs: 10 }));
    expect([score.exactShare, score.syncedShare, score.aheadShare]).toEqual([0.2, 0.6, 0.2]);
    expect(score.residualMs(0.5)).toBe(10);
    score.reset();
    expect(score.exactShare).toBe(0);
  });
});

describe('FramePace', () => {
  const frame = (i: number, changes: Partial<VideoFrameCallbackMetadata> = {}) =>
    ({ rtpTimestamp: i * 1_500, mediaTime: i / 60, presentedFrames: i, ...changes }) as VideoFrameCallbackMetadata;

  it('learns the length of a frame from its timestamps and the rate from the clock', () => {
    const pace = new FramePace();
    for (let i = 0; i < 120; i++) pace.add(i * 20, frame(i));
    expect(pace.frameMs).toBeCloseTo(16.7, 0);
    expect(pace.shownFps).toBeCloseTo(50, 0);
    expect(pace.missed).toBe(0);
  });
  it('counts what was presented without being painted, and begins anew with a session', () => {
    const pace = new FramePace();
    pace.add(0, frame(10));
    pace.add(16, frame(11));
    pace.add(66, frame(14));
    expect(pace.missed).toBe(2);
    pace.reset();
    pace.add(80, frame(1));
    expect(pace.missed).toBe(0);
  });
  it('does not count what was presented while nobody looked', () => {
    const pace = new FramePace();
    pace.add(0, frame(10));
    pace.add(30_000, frame(1_810));
    pace.add(30_016, frame(1_811));
    expect(pace.missed).toBe(0);
  });
  it('goes by the media time where there is no RTP timestamp', () => {
    const pace = new FramePace();
    for (let i = 0; i < 120; i++) {
      const { rtpTimestamp: _, ...bare } = frame(i);
      pace.add(i * 40, { ...bare, mediaTime: i / 25 } as VideoFrameCallbackMetadata);
    }
    expect(pace.frameMs).toBeCloseTo(40, 0);
  });
});

describe('LateMetadata', () => {
  it('tells how late metadata is, also for frames that were shown without it', () => {
    const told: number[] = [];
    const late = new LateMetadata((ms) => told.push(ms));
    late.shown(3_000, 100, 130);
    late.shown(6_000, 133, null);
    late.shown(9_000, 166, null);
    late.metadata(6_000, 250);
    expect(told).toEqual([30, 117]);
    // The analyzer skipped the frame of 9000: the next one answers for it.
    late.metadata(12_000, 300);
    expect(told).toEqual([30, 117, 134]);
    expect(late.percentileMs(0.5)).toBe(117);
  });
  it('does not take the first metadata after a pause of the analyzer for that of the frames before it', () => {
    const told: number[] = [];
    const late = new LateMetadata((ms) => told.push(ms));
    const perFrame = 3_000;
    for (let i = 0; i < 120; i++) late.shown(i * perFrame, i * 33, null);
    late.metadata(119 * perFrame, 119 * 33 + 80);
    expect(told.length).toBe(16);
    expect(Math.max(...told)).toBeLessThan(600);
  });
});

describe('Staleness', () => {
  it('splits the way from camera to screen into hops that add up', () => {
    const staleness = new Staleness();
    const us = (ms: number) => 1_000e6 + ms * 1_000;
    const stages = { received: us(20), decoded: us(25), inferred: us(60), tracked: us(61), emitted: us(63) };
    for (let i = 0; i < 10; i++) staleness.add(liveFrame({ ts_utc: 1_000, stages }), 1e6 + 70, 1e6 + 150);
    const figures = staleness.figures();
    expect(figures.map(({ hop }) => hop)).toEqual([...HOPS, 'total']);
    expect(figures.map(({ p50Ms }) => Math.round(p50Ms))).toEqual([20, 5, 35, 1, 2, 7, 80, 150]);
  });
  it('is empty before a frame with all its stamps came', () => {
    const staleness = new Staleness();
    staleness.add(liveFrame(), 0, 0);
    expect(staleness.figures()).toEqual([]);
  });
});

describe('Trails', () => {
  it('keeps three seconds of the ground under each moving vehicle, and forgets those that left', () => {
    const trails = new Trails();
    for (let i = 0; i < 150; i++) trails.add([track({ id: 1, bbox: [i, 0, i + 10, 20] })], i / 30);
    const kept = trails.of(1);
    expect(kept.at(-1)).toEqual([154, 20, 149 / 30]);
    expect(149 / 30 - (kept[0]?.[2] ?? 0)).toBeGreaterThan(2.8);
    // A tenth of a second apart, or a frame more; only the newest may be nearer.
    const gaps = kept.slice(1, -1).map(([, , utc], n) => utc - (kept[n]?.[2] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.1);
    expect(Math.max(...gaps)).toBeLessThan(0.14);
    trails.add([], 10);
    expect(trails.of(1)).toEqual([]);
  });
  it('begins afresh when time goes back, and draws none behind a parked car', () => {
    const trails = new Trails();
    trails.add([track({ id: 1 })], 10);
    trails.add([track({ id: 1 }), track({ id: 2, is_parked: true })], 2);
    expect([trails.of(1).length, trails.of(2).length]).toEqual([1, 0]);
  });
  it('keeps nothing of those that had left before time went back', () => {
    const trails = new Trails();
    trails.add([track({ id: 1 })], 5_000);
    trails.add([track({ id: 2 })], 1_000);
    expect(trails.of(1)).toEqual([]);
  });
});

describe('StandingHeat', () => {
  const scaled = { w: 640, h: 360 };
  it('adds up the seconds under the lower third of what stands, and of nothing else', () => {
    const heat = new StandingHeat();
    const standing = track({ state: 'stopped', bbox: [100, 100, 119, 129] });
    for (let i = 0; i <= 30; i++) heat.add([standing, track({ id: 2, bbox: [300, 0, 400, 50] })], i / 10, scaled);
    expect(heat.hottestS).toBeCloseTo(3, 3);
    expect(heat.seconds[12 * HEAT_COLUMNS + 10]).toBeCloseTo(3, 3);
    expect(heat.seconds[10 * HEAT_COLUMNS + 10]).toBe(0);
    expect(heat.seconds[2 * HEAT_COLUMNS + 32]).toBe(0);
  });
  it('does not count a pause of the picture, nor beyond its edge', () => {
    const heat = new StandingHeat();
    const outside = track({ state: 'stopped', bbox: [600, 300, 900, 500] });
    heat.add([outside], 0, scaled);
    heat.add([outside], 20, scaled);
    expect(heat.hottestS).toBe(0);
    heat.add([outside], 20.1, scaled);
    expect(heat.seconds.length).toBe(HEAT_COLUMNS * HEAT_ROWS);
    expect(heat.seconds.at(-1)).toBeCloseTo(0.1);
  });
});

describe('datedBySegment', () => {
  const segments = [
    { start: 10, duration: 2, programDateTime: 1_000_000 },
    { start: 12, duration: 2, programDateTime: 1_002_100 },
  ];
  it('counts from the date of the segment that the moment lies in', () => {
    expect(datedBySegment(segments, 11.5)).toBeCloseTo(1_001.5);
    expect(datedBySegment(segments, 12)).toBeCloseTo(1_002.1);
    expect(datedBySegment(segments, 13)).toBeCloseTo(1_003.1);
  });
  it('says nothing of moments outside, and of streams without dates', () => {
    expect(datedBySegment(segments, 9)).toBeNull();
    expect(datedBySegment(segments, 40)).toBeNull();
    expect(datedBySegment([{ start: 0, duration: 2, programDateTime: null }], 1)).toBeNull();
  });
});

describe('the figures of the stream', () => {
  const report = (changes: Record<string, unknown>) =>
    new Map<string, unknown>([
      ['c', { id: 'c', type: 'codec', mimeType: 'video/H264' }],
      ['v', { id: 'v', type: 'inbound-rtp', kind: 'video', codecId: 'c', packetsLost: -1, ...changes }],
    ]) as unknown as RTCStatsReport;

  it('are read from the report of the browser', () => {
    const figures = readFigures(
      report({ frameWidth: 1280, framesDecoded: 30, jitterBufferDelay: 3, jitterBufferEmittedCount: 30 }),
    );
    expect(figures).toMatchObject({ codec: 'H264', width: 1280, framesDecoded: 30, bufferMs: 100, packetsLost: 0 });
    expect(readFigures(new Map() as unknown as RTCStatsReport)).toBeNull();
  });
  it('become rates between two readings, and a sentence where much is lost', () => {
    const [before, now] = [
      readFigures(report({ packetsReceived: 0, packetsLost: 0, bytesReceived: 0 })),
      readFigures(report({ packetsReceived: 90, packetsLost: 10, bytesReceived: 250_000, framesDecoded: 60 })),
    ];
    const rates = before && now && ratesBetween(before, now, 2);
    expect(rates).toEqual({ kbps: 1_000, decodedFps: 30, lossShare: 0.1, bufferMs: null });
    expect(rates && streamTrouble(rates)).toContain('10 %');
    expect(rates && streamTrouble({ ...rates, lossShare: 0.01 })).toBeNull();
  });
});
