import { describe, expect, it } from 'vitest';
import { OverlaySync } from '../../../src/web/overlay/sync.ts';
import { liveFrame, track } from './examples.ts';

const STEP = 3_000; // 30 frames a second on the 90 kHz clock

describe('OverlaySync', () => {
  it('draws a frame with the metadata of its own rtp timestamp, whatever came later', () => {
    const sync = new OverlaySync();
    for (let i = 0; i < 5; i++) sync.add(liveFrame({ frame: i, rtp: i * STEP }), i);
    const match = sync.pick({ rtp: 2 * STEP }, 10);
    expect(match).toMatchObject({ tier: 1, kind: 'exact', arrivedMs: 2 });
    expect(match.frame?.frame).toBe(2);
  });

  it('places a skipped frame between its two analysed neighbours', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, tracks: [track({ id: 7, bbox: [0, 0, 10, 10] })] }), 0);
    sync.add(liveFrame({ rtp: 4 * STEP, tracks: [track({ id: 7, bbox: [40, 20, 50, 30] })] }), 1);
    const match = sync.pick({ rtp: STEP }, 2);
    expect(match).toMatchObject({ tier: 1, kind: 'between', arrivedMs: 1 });
    expect(match.tracks[0]?.bbox).toEqual([10, 5, 20, 15]);
  });

  it('lets a vehicle that appears between two frames appear in the later half, and one that leaves go there', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, tracks: [track({ id: 1 })] }), 0);
    sync.add(liveFrame({ rtp: 4 * STEP, tracks: [track({ id: 2 })] }), 0);
    expect(sync.pick({ rtp: STEP }, 1).tracks.map(({ id }) => id)).toEqual([1]);
    expect(sync.pick({ rtp: 3 * STEP }, 1).tracks.map(({ id }) => id)).toEqual([2]);
  });

  it('tells when the displayed frame was captured, analysed or not', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, ts_utc: 1_000 }), 0);
    sync.add(liveFrame({ rtp: 4 * STEP, ts_utc: 1_000 + 4 / 30 }), 1);
    expect(sync.pick({ rtp: 0 }, 2).capturedUtc).toBe(1_000);
    expect(sync.pick({ rtp: STEP }, 2).capturedUtc).toBeCloseTo(1_000 + 1 / 30, 9);
    expect(sync.pick({ rtp: 6 * STEP }, 2)).toMatchObject({
      kind: 'ahead',
      capturedUtc: expect.closeTo(1_000 + 6 / 30, 9),
    });
    expect(sync.pick({ rtp: undefined }, 2).capturedUtc).toBe(1_000 + 4 / 30);
    expect(new OverlaySync().pick({ rtp: 0 }, 2).capturedUtc).toBeNull();
  });

  it('does not invent boxes across a gap of more than half a second', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, frame: 1 }), 0);
    sync.add(liveFrame({ rtp: 30 * STEP, frame: 2 }), 0);
    expect(sync.pick({ rtp: 15 * STEP }, 1)).toMatchObject({ tier: 5, kind: 'latest' });
  });

  it('carries the boxes on by their motion while the own metadata is late, and parked ones not at all', () => {
    const sync = new OverlaySync();
    const parked = track({ id: 2, is_parked: true, bbox: [5, 5, 9, 9] });
    sync.add(liveFrame({ rtp: 0, ts_utc: 0, tracks: [track({ bbox: [0, 0, 10, 10] }), parked] }), 0);
    const moved = { ...parked, bbox: [6, 5, 10, 9] as const };
    sync.add(liveFrame({ rtp: STEP, ts_utc: 1 / 30, tracks: [track({ bbox: [4, 2, 16, 14] }), moved] }), 1);
    const match = sync.pick({ rtp: 3 * STEP }, 10);
    expect(match).toMatchObject({ tier: 1, kind: 'ahead', arrivedMs: null });
    expect(match.residualMs).toBeCloseTo(2_000 / 30);
    // Its middle moved by (5, 3) a frame; its size is left as it is.
    expect(match.tracks[0]?.bbox.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([14, 8, 26, 20]);
    expect(match.tracks[1]?.bbox).toEqual([6, 5, 10, 9]);
  });

  it('does not guess for longer than motion can tell: then the last boxes stay, and it says they are unsynced', () => {
    const sync = new OverlaySync();
    for (let i = 0; i < 3; i++) sync.add(liveFrame({ frame: i, rtp: i * STEP, ts_utc: i / 30 }), i);
    const match = sync.pick({ rtp: 20 * STEP }, 10);
    expect(match).toMatchObject({ tier: 5, kind: 'latest' });
    expect(match.frame?.frame).toBe(2);
  });

  it('takes the latest where there is no rtp timestamp at all', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ frame: 9 }), 0);
    expect(sync.pick({ rtp: undefined }, 5)).toMatchObject({ tier: 5, kind: 'latest', frame: { frame: 9 } });
  });

  it('takes the latest when the timestamps are of another clock', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ frame: 1, rtp: 0 }), 0);
    sync.add(liveFrame({ frame: 2, rtp: STEP }), 0);
    expect(sync.pick({ rtp: 1_000_000_000 }, 5)).toMatchObject({ tier: 5, kind: 'latest', frame: { frame: 2 } });
  });

  it('draws nothing from metadata older than two seconds', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0 }), 0);
    expect(sync.pick({ rtp: 200 * STEP }, 2_500)).toEqual({
      tier: 5,
      kind: 'none',
      frame: null,
      tracks: [],
      capturedUtc: null,
      arrivedMs: null,
      residualMs: null,
    });
  });

  it('goes on across the wrap of the 32-bit timestamp', () => {
    const sync = new OverlaySync();
    const last = 2 ** 32 - STEP;
    sync.add(liveFrame({ rtp: last, tracks: [track({ bbox: [0, 0, 10, 10] })] }), 0);
    sync.add(liveFrame({ rtp: STEP, tracks: [track({ bbox: [20, 0, 30, 10] })] }), 0);
    const match = sync.pick({ rtp: 0 }, 1);
    expect(match.kind).toBe('between');
    expect(match.tracks[0]?.bbox[0]).toBe(10);
  });

  it('answers with the new session when the camera starts its timestamps again', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ epoch: 1, frame: 1, rtp: 5 * STEP }), 0);
    sync.add(liveFrame({ epoch: 2, frame: 2, rtp: 5 * STEP }), 10);
    expect(sync.pick({ rtp: 5 * STEP }, 11).frame).toMatchObject({ epoch: 2, frame: 2 });
  });

  it('still serves what the jitter buffer holds of the old session, and forgets it afterwards', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ epoch: 1, frame: 1, rtp: 77 }), 0);
    sync.add(liveFrame({ epoch: 2, frame: 2, rtp: 900_000_000 }), 100);
    expect(sync.pick({ rtp: 77 }, 500)).toMatchObject({ kind: 'exact', frame: { epoch: 1 } });
    sync.add(liveFrame({ epoch: 2, frame: 3, rtp: 900_003_000 }), 4_000);
    expect(sync.pick({ rtp: 77 }, 4_001).frame?.epoch).toBe(2);
    expect(sync.size).toBe(2);
  });

  it('ignores what a past session still sends', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ epoch: 2, rtp: 1 }), 0);
    sync.add(liveFrame({ epoch: 1, rtp: 2 }), 0);
    expect(sync.size).toBe(1);
  });

  it('takes a session with a lower number once the one before it has fallen silent: the clock was set back', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ epoch: 1_000, frame: 1, rtp: 0 }), 0);
    sync.add(liveFrame({ epoch: 400, frame: 2, rtp: STEP }), 2_000);
    expect(sync.pick({ rtp: STEP }, 2_001).kind).not.toBe('exact');
    sync.add(liveFrame({ epoch: 400, frame: 3, rtp: 2 * STEP }), 3_500);
    expect(sync.pick({ rtp: 2 * STEP }, 3_501)).toMatchObject({ kind: 'exact', frame: { frame: 3 } });
    sync.add(liveFrame({ epoch: 400, frame: 4, rtp: 3 * STEP }), 3_533);
    expect(sync.pick({ rtp: 3 * STEP }, 3_534)).toMatchObject({ kind: 'exact', frame: { frame: 4 } });
  });

  it('carries boxes on although the last timestamp came twice', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, ts_utc: 0, tracks: [track({ bbox: [0, 0, 10, 10] })] }), 0);
    const again = liveFrame({ rtp: STEP, ts_utc: 1 / 30, tracks: [track({ bbox: [4, 0, 14, 10] })] });
    sync.add(again, 1);
    sync.add({ ...again }, 2);
    const match = sync.pick({ rtp: 2 * STEP }, 10);
    expect(match.kind).toBe('ahead');
    expect(match.tracks[0]?.bbox[0]).toBeCloseTo(8);
  });

  it('keeps no more metadata than it may', () => {
    const sync = new OverlaySync({ capacity: 50 });
    for (let i = 0; i < 500; i++) sync.add(liveFrame({ rtp: i * STEP }), i);
    expect(sync.size).toBe(50);
    expect(sync.pick({ rtp: 499 * STEP }, 500).kind).toBe('exact');
    expect(sync.pick({ rtp: 100 * STEP }, 500).kind).not.toBe('exact');
  });
});

describe('the tiers after the first', () => {
  /** Frames 0 … 9 of the analyzer: 30 a second, captured from UTC 1000 s, received 20 ms later. */
  function analysed(sync: OverlaySync, count = 10, rtpOf = (i: number) => i * STEP): void {
    for (let i = 0; i < count; i++) {
      const utc = 1_000 + i / 30;
      const stages = { received: (utc + 0.02) * 1e6, decoded: 0 };
      sync.add(liveFrame({ frame: i, rtp: rtpOf(i), ts_utc: utc, stages }), i);
    }
  }

  it('2: takes the frame of the moment that the browser read from the sender reports', () => {
    const sync = new OverlaySync();
    analysed(sync);
    const match = sync.pick({ rtp: 4_000_000_000, reportedUtc: 1_000 + 4 / 30 + 0.003 }, 20);
    expect(match).toMatchObject({ tier: 2, kind: 'near', frame: { frame: 4 } });
    expect(match.residualMs).toBeCloseTo(3);
    expect(match.capturedUtc).toBeCloseTo(1_000 + 4 / 30 + 0.003, 6);
  });

  it('3: finds the constant by which a hub moves its timestamps, and holds it', () => {
    const sync = new OverlaySync();
    const shift = 3_000_000_123;
    analysed(sync, 60);
    const kinds = new Set<string>();
    for (let i = 0; i < 60; i++) {
      // The browser's way takes 20 ms at its best, as the analyzer's, and up to 15 ms more.
      const receivedUtcMs = (1_000 + i / 30 + 0.02) * 1_000 + ((i * 7) % 4) * 5;
      const match = sync.pick({ rtp: (i * STEP + shift) >>> 0, receivedUtcMs }, 100);
      if (i < 40) continue;
      kinds.add(match.kind);
      expect([match.tier, match.frame?.frame]).toEqual([3, i]);
    }
    expect([...kinds]).toEqual(['near']);
  });

  it('3: begins anew with a new session of the player, whose constant is another', () => {
    const sync = new OverlaySync();
    analysed(sync, 60);
    const show = (i: number, shift: number) =>
      sync.pick({ rtp: (i * STEP + shift) >>> 0, receivedUtcMs: (1_000 + i / 30 + 0.02) * 1_000 }, 100);
    for (let i = 0; i < 40; i++) show(i, 1_000_000_000);
    sync.resetShown();
    expect(show(40, 2_000_000_000).tier).toBe(5);
    for (let i = 0; i < 40; i++) show(i, 2_000_000_000);
    expect(show(45, 2_000_000_000)).toMatchObject({ tier: 3, frame: { frame: 45 } });
  });

  it('3: corrects all arrivals at once when a better ping moves the clock', () => {
    const sync = new OverlaySync();
    const shift = 1_000_000_000;
    analysed(sync, 90);
    const show = (i: number, clockOffsetMs: number) => {
      const browserMs = (1_000 + i / 30 + 0.02) * 1_000 - 150;
      return sync.pick({ rtp: i * STEP + shift, receivedUtcMs: browserMs + clockOffsetMs, clockOffsetMs }, 100);
    };
    for (let i = 0; i < 60; i++) show(i, 50);
    expect(show(60, 150)).toMatchObject({ tier: 3, kind: 'near', frame: { frame: 60 } });
  });

  it('3: forgets the arrivals of before when the hub sets its timestamps back within a session', () => {
    const sync = new OverlaySync();
    analysed(sync, 90);
    const show = (i: number, shift: number) =>
      sync.pick({ rtp: i * STEP + shift, receivedUtcMs: (1_000 + i / 30 + 0.02) * 1_000 }, 100);
    for (let i = 0; i < 40; i++) show(i, 2_000_000_000);
    for (let i = 40; i < 75; i++) show(i, 1_000_000_000);
    expect(show(75, 1_000_000_000)).toMatchObject({ tier: 3, kind: 'near', frame: { frame: 75 } });
  });

  it('4: takes the frame of the programme date time', () => {
    const sync = new OverlaySync();
    analysed(sync);
    expect(sync.pick({ rtp: undefined, programUtc: 1_000 + 7 / 30 - 0.001 }, 20)).toMatchObject({
      tier: 4,
      kind: 'near',
      frame: { frame: 7 },
    });
  });

  it('moves by the offset that a person set, on 2 to 4 but not on 1', () => {
    const sync = new OverlaySync();
    analysed(sync);
    sync.manualOffsetMs = 100;
    expect(sync.pick({ rtp: undefined, programUtc: 1_000 + 2 / 30 }, 20).frame?.frame).toBe(5);
    expect(sync.pick({ rtp: undefined, reportedUtc: 1_000 + 2 / 30 }, 20).frame?.frame).toBe(5);
    expect(sync.pick({ rtp: 2 * STEP }, 20).frame?.frame).toBe(2);
  });

  it('places a frame between two analysed ones by its moment, too', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ ts_utc: 1_000, rtp: 0, tracks: [track({ bbox: [0, 0, 10, 10] })] }), 0);
    sync.add(liveFrame({ ts_utc: 1_000.2, rtp: 6 * STEP, tracks: [track({ bbox: [20, 0, 30, 10] })] }), 1);
    const match = sync.pick({ rtp: undefined, programUtc: 1_000.1 }, 2);
    expect(match).toMatchObject({ tier: 4, kind: 'between' });
    expect(match.tracks[0]?.bbox[0]).toBeCloseTo(10);
  });

  it('leaves out the tiers before the one that was asked for', () => {
    const shown = { rtp: 3 * STEP, programUtc: 1_000 + 3 / 30 };
    const tierOf = (firstTier: 1 | 2 | 4 | 5) => {
      const sync = new OverlaySync({ firstTier });
      analysed(sync);
      return sync.pick(shown, 20);
    };
    expect([tierOf(1).tier, tierOf(2).tier, tierOf(4).tier]).toEqual([1, 4, 4]);
    expect(tierOf(5)).toMatchObject({ tier: 5, kind: 'latest', frame: { frame: 9 } });
  });
});
