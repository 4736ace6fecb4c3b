import { describe, expect, it } from 'vitest';
import { OverlaySync, SHARE_WINDOW } from '../../../src/web/overlay/sync.ts';
import { liveFrame, track } from './examples.ts';

const STEP = 3_000; // 30 frames a second on the 90 kHz clock

describe('OverlaySync', () => {
  it('draws a frame with the metadata of its own rtp timestamp, whatever came later', () => {
    const sync = new OverlaySync();
    for (let i = 0; i < 5; i++) sync.add(liveFrame({ frame: i, rtp: i * STEP }), i);
    const match = sync.pick(2 * STEP, 10);
    expect(match).toMatchObject({ tier: 1, kind: 'exact', arrivedMs: 2 });
    expect(match.frame?.frame).toBe(2);
  });

  it('places a skipped frame between its two analysed neighbours', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, tracks: [track({ id: 7, bbox: [0, 0, 10, 10] })] }), 0);
    sync.add(liveFrame({ rtp: 4 * STEP, tracks: [track({ id: 7, bbox: [40, 20, 50, 30] })] }), 1);
    const match = sync.pick(STEP, 2);
    expect(match).toMatchObject({ tier: 1, kind: 'between', arrivedMs: 1 });
    expect(match.tracks[0]?.bbox).toEqual([10, 5, 20, 15]);
  });

  it('lets a vehicle that appears between two frames appear in the later half, and one that leaves go there', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, tracks: [track({ id: 1 })] }), 0);
    sync.add(liveFrame({ rtp: 4 * STEP, tracks: [track({ id: 2 })] }), 0);
    expect(sync.pick(STEP, 1).tracks.map(({ id }) => id)).toEqual([1]);
    expect(sync.pick(3 * STEP, 1).tracks.map(({ id }) => id)).toEqual([2]);
  });

  it('tells when the displayed frame was captured, analysed or not', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, ts_utc: 1_000 }), 0);
    sync.add(liveFrame({ rtp: 4 * STEP, ts_utc: 1_000 + 4 / 30 }), 1);
    expect(sync.pick(0, 2).capturedUtc).toBe(1_000);
    expect(sync.pick(STEP, 2).capturedUtc).toBeCloseTo(1_000 + 1 / 30, 9);
    expect(sync.pick(6 * STEP, 2)).toMatchObject({ kind: 'latest', capturedUtc: expect.closeTo(1_000 + 6 / 30, 9) });
    expect(sync.pick(undefined, 2).capturedUtc).toBe(1_000 + 4 / 30);
    expect(new OverlaySync().pick(0, 2).capturedUtc).toBeNull();
  });

  it('does not invent boxes across a gap of more than half a second', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0, frame: 1 }), 0);
    sync.add(liveFrame({ rtp: 30 * STEP, frame: 2 }), 0);
    expect(sync.pick(15 * STEP, 1)).toMatchObject({ tier: 5, kind: 'latest' });
  });

  it('takes the newest that is not from the future when the own metadata is late, and says it is unsynced', () => {
    const sync = new OverlaySync();
    for (let i = 0; i < 3; i++) sync.add(liveFrame({ frame: i, rtp: i * STEP }), i);
    const match = sync.pick(5 * STEP, 10);
    expect(match).toMatchObject({ tier: 5, kind: 'latest' });
    expect(match.frame?.frame).toBe(2);
  });

  it('takes the latest where there is no rtp timestamp at all', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ frame: 9 }), 0);
    expect(sync.pick(undefined, 5)).toMatchObject({ tier: 5, kind: 'latest', frame: { frame: 9 } });
  });

  it('takes the latest when the timestamps are of another clock', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ frame: 1, rtp: 0 }), 0);
    sync.add(liveFrame({ frame: 2, rtp: STEP }), 0);
    expect(sync.pick(1_000_000_000, 5)).toMatchObject({ tier: 5, kind: 'latest', frame: { frame: 2 } });
  });

  it('draws nothing from metadata older than two seconds', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0 }), 0);
    expect(sync.pick(200 * STEP, 2_500)).toEqual({
      tier: 5,
      kind: 'none',
      frame: null,
      tracks: [],
      capturedUtc: null,
      arrivedMs: null,
    });
  });

  it('goes on across the wrap of the 32-bit timestamp', () => {
    const sync = new OverlaySync();
    const last = 2 ** 32 - STEP;
    sync.add(liveFrame({ rtp: last, tracks: [track({ bbox: [0, 0, 10, 10] })] }), 0);
    sync.add(liveFrame({ rtp: STEP, tracks: [track({ bbox: [20, 0, 30, 10] })] }), 0);
    const match = sync.pick(0, 1);
    expect(match.kind).toBe('between');
    expect(match.tracks[0]?.bbox[0]).toBe(10);
  });

  it('answers with the new session when the camera starts its timestamps again', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ epoch: 1, frame: 1, rtp: 5 * STEP }), 0);
    sync.add(liveFrame({ epoch: 2, frame: 2, rtp: 5 * STEP }), 10);
    expect(sync.pick(5 * STEP, 11).frame).toMatchObject({ epoch: 2, frame: 2 });
  });

  it('still serves what the jitter buffer holds of the old session, and forgets it afterwards', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ epoch: 1, frame: 1, rtp: 77 }), 0);
    sync.add(liveFrame({ epoch: 2, frame: 2, rtp: 900_000_000 }), 100);
    expect(sync.pick(77, 500)).toMatchObject({ kind: 'exact', frame: { epoch: 1 } });
    sync.add(liveFrame({ epoch: 2, frame: 3, rtp: 900_003_000 }), 4_000);
    expect(sync.pick(77, 4_001).frame?.epoch).toBe(2);
    expect(sync.size).toBe(2);
  });

  it('ignores what a past session still sends', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ epoch: 2, rtp: 1 }), 0);
    sync.add(liveFrame({ epoch: 1, rtp: 2 }), 0);
    expect(sync.size).toBe(1);
  });

  it('keeps no more metadata than it may', () => {
    const sync = new OverlaySync(50);
    for (let i = 0; i < 500; i++) sync.add(liveFrame({ rtp: i * STEP }), i);
    expect(sync.size).toBe(50);
    expect(sync.pick(499 * STEP, 500).kind).toBe('exact');
    expect(sync.pick(100 * STEP, 500).kind).not.toBe('exact');
  });

  it('counts the exact share over the last 300 displayed frames only', () => {
    const sync = new OverlaySync();
    sync.add(liveFrame({ rtp: 0 }), 0);
    for (let i = 0; i < 100; i++) sync.pick(undefined, 1);
    expect([sync.exactShare, sync.tier]).toEqual([0, 5]);
    for (let i = 0; i < SHARE_WINDOW - 100; i++) sync.pick(0, 1);
    expect(sync.exactShare).toBeCloseTo(2 / 3);
    for (let i = 0; i < 100; i++) sync.pick(0, 1);
    expect([sync.exactShare, sync.syncedShare, sync.tier]).toEqual([1, 1, 1]);
  });

  it('starts counting afresh with a new player session', () => {
    const sync = new OverlaySync();
    sync.pick(undefined, 1);
    sync.resetShare();
    sync.add(liveFrame({ rtp: 0 }), 1);
    sync.pick(0, 1);
    expect(sync.exactShare).toBe(1);
  });
});
