import { describe, expect, it } from 'vitest';
import { linear, linePath, niceTicks } from '../../../src/web/charts/scale.ts';
import { FAILURE_WORDS } from '../../../src/web/live/failure-words.ts';
import { flowStages } from '../../../src/web/live/flow.ts';
import { mergePasses } from '../../../src/web/live/merge-passes.ts';
import { ratesBetween } from '../../../src/web/live/rates.ts';
import { streamWords } from '../../../src/web/live/stream-words.ts';
import {
  formatAgo,
  formatClock,
  formatCount,
  formatDay,
  formatInterval,
  formatMs,
  formatShare,
  formatSpan,
  formatSpeed,
  formatStop,
} from '../../../src/web/parts/format.ts';
import { hlsFailure, nativeFailure } from '../../../src/web/player/hls-playback.ts';
import type { FailureKind } from '../../../src/web/player/stream-failure.ts';
import { actor, liveStatus, pass, system } from './examples.ts';

const FAILURE_KINDS = Object.keys(FAILURE_WORDS) as FailureKind[];

describe('formatting', () => {
  it('writes an interval with plus and minus where it is even, with its ends where it is not', () => {
    expect(formatInterval({ value: 1.48, lo: 1.39, hi: 1.57 }, 's', 2)).toBe('1.48 ± 0.09 s');
    expect(formatInterval({ value: 0, lo: 0, hi: 0.6 }, 'km/h', 1)).toBe('0.0 km/h (0.0 – 0.6)');
    expect(formatInterval(null, 's', 2)).toBe('–');
  });
  it('says of a vehicle that never stood just that', () => {
    expect(formatStop({ stopped_s: { value: 0, lo: 0, hi: 0 } })).toBe('0 s');
    expect(formatStop({ stopped_s: null })).toBe('–');
  });
  it('writes speeds with the digits that mean something', () => {
    expect(formatSpeed({ value: 31.2, unit: 'km/h' })).toBe('31 km/h');
    expect(formatSpeed({ value: 6.46, unit: 'mph' })).toBe('6.5 mph');
    expect(formatSpeed(null)).toBe('–');
  });
  it('tells the time by the clock of the site, whatever the viewer has', () => {
    const utcS = Date.UTC(2026, 6, 1, 22, 30, 5) / 1_000;
    expect(formatClock(utcS, 'Europe/Berlin')).toBe('00:30:05');
    expect(formatClock(utcS, 'America/New_York')).toBe('18:30:05');
    const nowMs = Date.UTC(2026, 6, 2, 1, 0, 0);
    expect(formatDay(utcS, nowMs, 'Europe/Berlin')).toBe('Today');
    expect(formatDay(utcS, nowMs, 'America/Los_Angeles')).toBe('Today');
    expect(formatDay(utcS, nowMs + 86_400_000, 'Europe/Berlin')).toBe('Yesterday');
    expect(formatDay(utcS - 3_600, nowMs, 'Europe/Berlin')).toBe('Yesterday');
    expect(formatDay(utcS, nowMs, 'America/New_York')).toBe('Today');
    expect(formatDay(utcS, nowMs + 86_400_000 * 2, 'America/New_York')).toBe('1 Jul 2026');
  });
  it('finds yesterday also behind a day of 23 or 25 hours', () => {
    // Clocks in Berlin went forward on 29 March 2026 and back on 25 October 2026, at 01:00 UTC.
    for (const [year, month, day] of [
      [2026, 2, 30],
      [2026, 9, 26],
    ] as const) {
      const lateToday = Date.UTC(year, month, day, 20, 0, 0);
      const yesterdayNoon = Date.UTC(year, month, day - 1, 11, 0, 0) / 1_000;
      expect(formatDay(yesterdayNoon, lateToday, 'Europe/Berlin')).toBe('Yesterday');
      expect(formatDay(yesterdayNoon - 86_400, lateToday, 'Europe/Berlin')).not.toBe('Yesterday');
    }
  });
  it('writes times short', () => {
    expect([formatMs(4.2), formatMs(1_400), formatMs(125_000), formatMs(null)]).toEqual([
      '4 ms',
      '1.4 s',
      '2 min',
      '–',
    ]);
    expect([formatSpan(42), formatSpan(12_000), formatSpan(93_600)]).toEqual(['42 s', '3 h 20 min', '1 d 2 h']);
    expect([formatAgo(1_000, 1_001_000), formatAgo(1_000, 1_190_000)]).toEqual(['just now', '3 min ago']);
  });
  it('writes large counts short', () => {
    expect([9_999, 56_100, 123_456, 7_840_000].map(formatCount)).toEqual(['9,999', '56.1 k', '123 k', '7.8 M']);
  });
  it('never rounds a missed frame away', () => {
    expect([formatShare(1), formatShare(0.99999), formatShare(0.987)]).toEqual(['100 %', '99.9 %', '98.7 %']);
  });
});

describe('streamWords', () => {
  const playing = { kind: 'playing', transport: 'webrtc' } as const;
  const open = { kind: 'open' } as const;
  const gone = { kind: 'waiting', retryAtMs: 99 } as const;
  const failed = (kind: FailureKind, detail = '') =>
    ({ kind: 'waiting', transport: 'webrtc', failure: { kind, detail }, retryAtMs: 5 }) as const;

  it('is live without a word while everything runs', () => {
    expect(streamWords(playing, open, liveStatus())).toEqual({
      tone: 'live',
      label: 'Live',
      reason: null,
      remedy: null,
      retryAtMs: null,
    });
  });
  it('tells a picture without analyzer from a live one', () => {
    expect(streamWords(playing, gone, null)).toMatchObject({ label: 'Video only', retryAtMs: 99 });
    expect(streamWords(playing, open, liveStatus({ stream: 'connecting', detail: 'No frame.' })).reason).toContain(
      'No frame.',
    );
  });
  it('tells every failure in a sentence of its own, without the technical detail', () => {
    const told = FAILURE_KINDS.map((kind) => streamWords(failed(kind, 'ERR_42'), open, liveStatus()));
    expect(new Set(told.map(({ reason }) => reason)).size).toBe(FAILURE_KINDS.length);
    for (const { tone, reason, remedy } of told) {
      expect(tone).toBe('offline');
      expect(reason).toMatch(/^[A-Z].*\.$/);
      expect(remedy ?? 'Wait.').toMatch(/^[A-Z].*\.$/);
      expect(`${reason} ${remedy}`).not.toContain('ERR_42');
    }
  });
  it('gives what the analyzer knows of the camera where the stream only is not there', () => {
    const status = liveStatus({ stream: 'connecting', detail: 'Wrong password.' });
    expect(streamWords(failed('not-found'), open, status)).toMatchObject({ reason: 'Wrong password.', remedy: null });
    for (const kind of ['codec', 'busy', 'refused', 'hub-down'] as const)
      expect(streamWords(failed(kind), open, status)).toMatchObject(FAILURE_WORDS[kind]);
  });
  it('does not give a trouble of the analyzer as the reason for having no picture', () => {
    const late = liveStatus({ pipeline: 'degraded', detail: 'Results come 900 ms after the picture.' });
    const dead = liveStatus({ stream: 'connecting', pipeline: 'down', detail: 'inference does not answer.' });
    for (const status of [late, dead])
      expect(streamWords(failed('not-found'), open, status)).toMatchObject(FAILURE_WORDS['not-found']);
  });
  it('does not blame a server that answered, nor repeat what a socket said that is gone', () => {
    expect(streamWords(failed('not-found'), gone, null)).toMatchObject(FAILURE_WORDS['not-found']);
    const stale = liveStatus({ stream: 'connecting', detail: 'Wrong password.' });
    expect(streamWords(failed('not-found'), gone, stale)).toMatchObject(FAILURE_WORDS['not-found']);
    for (const kind of ['timeout', 'unreachable'] as const)
      expect(streamWords(failed(kind), gone, null)).toMatchObject(FAILURE_WORDS.unreachable);
  });
  it('keeps the sentence of what only this page meets while it tries again', () => {
    const connecting = { kind: 'connecting', transport: 'webrtc' } as const;
    const trying = (kind: FailureKind) =>
      streamWords({ ...connecting, again: { kind, detail: '' } }, open, liveStatus());
    expect(trying('codec')).toMatchObject({ tone: 'offline', ...FAILURE_WORDS.codec, retryAtMs: null });
    expect(trying('not-found')).toMatchObject({ tone: 'connecting', remedy: null });
    expect(streamWords(connecting, open, liveStatus()).tone).toBe('connecting');
  });
  it('says that HLS is behind', () => {
    expect(streamWords({ kind: 'playing', transport: 'hls' }, open, liveStatus()).reason).toContain('HLS');
  });
});

describe('hlsFailure', () => {
  it.each([
    [true, 'manifestLoadError', 404, 'not-found'],
    [true, 'manifestLoadError', 401, 'unauthorized'],
    [true, 'fragLoadError', 502, 'hub-down'],
    [true, 'manifestLoadError', 500, 'refused'],
    [true, 'manifestLoadError', 0, 'unreachable'],
    [true, 'manifestLoadTimeOut', 0, 'timeout'],
    [false, 'bufferAddCodecError', 0, 'codec'],
    [false, 'manifestIncompatibleCodecsError', 0, 'codec'],
    [false, 'fragParsingError', 0, 'no-media'],
  ] as const)('of the network %s, %s with status %i is %s', (isNetwork, details, status, kind) => {
    const failure = hlsFailure(isNetwork, details, status);
    expect(failure.kind).toBe(kind);
    expect(failure.detail).toContain(details);
  });
});

describe('nativeFailure', () => {
  it.each([
    [{ code: 2, message: '' }, null, 'unreachable', 'media error 2'],
    [{ code: 2, message: '' }, 502, 'hub-down', 'media error 2 (status 502)'],
    [{ code: 2, message: '' }, 200, 'no-media', 'media error 2'],
    [{ code: 3, message: 'no decoder for hvc1' }, 200, 'codec', 'no decoder for hvc1'],
    [{ code: 4, message: '' }, 404, 'not-found', 'media error 4 (status 404)'],
    [{ code: 4, message: '' }, 401, 'unauthorized', 'media error 4 (status 401)'],
    [{ code: 4, message: '' }, 200, 'codec', 'media error 4'],
    [null, 200, 'no-media', 'media error 0'],
  ] as const)('of %o, and the playlist %s, is %s', async (error, status, kind, detail) => {
    expect(await nativeFailure(error, async () => status)).toEqual({ kind, detail: `HLS: ${detail}` });
  });
});

describe('mergePasses', () => {
  it('is newest first, each pass once, the preferred one kept', () => {
    const merged = mergePasses(
      [pass({ id: 'b', entered_utc: 2, reason: 'new' })],
      [
        pass({ id: 'b', entered_utc: 2, reason: 'old' }),
        pass({ id: 'a', entered_utc: 1 }),
        pass({ id: 'c', entered_utc: 3 }),
      ],
    );
    expect(merged.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(merged[1]?.reason).toBe('new');
  });
});

describe('ratesBetween', () => {
  const at = (tsUtc: number, changes: Partial<ReturnType<typeof actor>>) => system({ tsUtc, actors: [actor(changes)] });
  it('is the difference over the time between', () => {
    const rates = ratesBetween(at(10, { in: 100, skipped: 4 }), at(12, { in: 160, skipped: 10 }), new Map());
    expect(rates.get('inference')).toMatchObject({ in: 30, skipped: 3 });
  });
  it('says nothing across a restart or without time between', () => {
    expect(ratesBetween(at(10, { in: 100 }), at(11, { in: 5, generation: 2 }), new Map()).size).toBe(0);
    expect(ratesBetween(at(10, {}), at(10, {}), new Map()).size).toBe(0);
    expect(ratesBetween(null, at(10, {}), new Map()).size).toBe(0);
  });
});

describe('flowStages', () => {
  it('folds the rooms of several cameras into one stage', () => {
    const status = system({
      actors: [actor({ name: 'decoder:a' }), actor({ name: 'decoder:b', state: 'failed', latencyMs: 90 })],
      cameras: [liveStatus(), liveStatus({ stream: 'connecting', fps: { decoded: 0, analyzed: 0 } })],
    });
    const rate = { in: 30, out: 30, dropped: 1, skipped: 0 };
    const stages = flowStages(
      status,
      new Map([
        ['decoder:a', rate],
        ['decoder:b', rate],
      ]),
    );
    expect(stages.find(({ id }) => id === 'decoder')).toMatchObject({
      health: 'bad',
      detail: 'failed',
      perSecond: 60,
      latencyMs: 90,
      lostPerSecond: 2,
    });
    expect(stages.find(({ id }) => id === 'camera')).toMatchObject({ health: 'busy', detail: '1 of 2 online' });
  });
  it('shows a persister that spools as busy', () => {
    const stages = flowStages(system({ database: 'spooling' }), new Map());
    expect(stages.find(({ id }) => id === 'persister')).toMatchObject({ health: 'busy', detail: 'spooling to disk' });
  });
});

describe('axes', () => {
  it('has round ticks that cover the values', () => {
    expect(niceTicks(0, 34)).toEqual([0, 10, 20, 30, 40]);
    expect(niceTicks(0, 0.7)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(niceTicks(5, 5)).toEqual([5]);
  });
  it('maps linearly and breaks the line where nothing is known', () => {
    expect(linear([0, 10], [100, 0])(2.5)).toBe(75);
    expect(linePath([[0, 0], [1, 1], null, [3, 3]])).toBe('M0.0 0.0L1.0 1.0M3.0 3.0');
  });
});
