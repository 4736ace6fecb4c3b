/** What the spool tells of tracks, read without opening it; and which of two tellings counts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Fact, TrackSummary } from '../../../src/rpc/records.ts';
import { factRows, newerTrack } from '../../../src/store/fact-rows.ts';
import { spooledTracks } from '../../../src/store/spooled-tracks.ts';
import { frameFact, incidentFact, T0, trackFact } from '../../integration/store/sample-facts.ts';

function spoolWith(...segments: (readonly Fact[])[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'stopsign-spooled-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  segments.forEach((facts, i) => {
    const text = facts.map((fact) => `${JSON.stringify(fact)}\n`).join('');
    writeFileSync(join(dir, `00000000000${i + 1}.ndjson`), text);
  });
  return dir;
}

describe('the tracks in a spool', () => {
  it('are told by their newest summary, over all segments, with the last moment of each camera', () => {
    const dir = spoolWith(
      [trackFact(1, T0 + 9), trackFact(2, T0 + 3), frameFact(3_000, 'side')],
      [trackFact(1, T0 + 4), trackFact(2, T0 + 5)],
    );
    const told = spooledTracks(dir);
    expect(told?.tracks.map(({ trackId, lastUtc }) => [trackId, lastUtc - T0])).toEqual([
      [1, 9],
      [2, 5],
    ]);
    expect([...(told?.lastUtc ?? [])]).toEqual([
      ['demo', T0 + 9],
      ['side', T0 + 99.999],
    ]);
  });

  it('are none in a folder that is not there, and are not known when there is too much', () => {
    expect(spooledTracks('/nowhere/spool')).toEqual({ tracks: [], lastUtc: new Map() });
    const dir = spoolWith([trackFact(1, T0)], [trackFact(2, T0)]);
    expect(spooledTracks(dir, 100)).toBeNull();
  });
});

describe('of several tellings', () => {
  const summary = (trackId: number, lastUtc: number, over: Partial<TrackSummary>): TrackSummary =>
    (trackFact(trackId, lastUtc, over) as Extract<Fact, { kind: 'track' }>).track;
  const summaries = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.integer({ min: 1, max: 3 }))
      .map(([s, ended, frames]) => summary(1, T0 + s, { ended, frames })),
    { minLength: 1, maxLength: 6 },
  );

  it('the same summary counts in whatever order they come', () => {
    fc.assert(
      fc.property(summaries, (told) => {
        const newest = (order: readonly TrackSummary[]) => order.reduce(newerTrack);
        expect(newest(told.toReversed())).toEqual(newest(told));
        expect(newest(told.toSorted((a, b) => a.frames - b.frames))).toEqual(newest(told));
      }),
      { seed: 20_261_123 },
    );
  });

  it('an end is taken back by a later summary alone', () => {
    const ended = trackFact(1, T0 + 5, { ended: true });
    const endedOf = (facts: readonly Fact[]) => factRows(facts).tracks.map((track) => track.ended);
    expect(endedOf([ended, trackFact(1, T0 + 5)])).toEqual([true]);
    expect(endedOf([ended, trackFact(1, T0 + 4)])).toEqual([true]);
    expect(endedOf([ended, trackFact(1, T0 + 6)])).toEqual([false]);
    expect(endedOf([trackFact(1, T0 + 6), ended])).toEqual([false]);
  });

  it('an incident that is resolved does not open again', () => {
    const [open, resolved] = [incidentFact('a', T0), incidentFact('a', T0, T0 + 2)];
    for (const facts of [
      [open, resolved],
      [resolved, open],
    ]) {
      expect(factRows(facts).events.map(({ body }) => body)).toMatchObject([{ detail: { resolvedUtc: T0 + 2 } }]);
    }
  });
});
