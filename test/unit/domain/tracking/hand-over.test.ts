/** A restart of the analyzer: who stood stays who it was, and drives off as the same vehicle. */
import { describe, expect, it } from 'vitest';
import { createAnalyzer, liveTracks, type StandingVehicle, step } from '../../../../src/domain/site-analyzer.ts';
import type { Box, DomainEvent, Observation } from '../../../../src/domain/types.ts';
import { demoSite } from '../synthetic-scene.ts';

const PLACE: Box = [100, 300, 220, 370];
const away = (t: number): Box => [100 + 90 * t * t, 300, 220 + 90 * t * t, 370];

function watch(from: number, to: number, box: (t: number) => Box | null): Observation[] {
  const out: Observation[] = [];
  for (let t = from; t < to; t += 0.1) {
    const bbox = box(t);
    out.push({ tsUtc: t, frame: out.length, detections: bbox ? [{ bbox, score: 0.9, class: 'car' }] : [] });
  }
  return out;
}

function run(observations: readonly Observation[], firstTrackId: number, recall: readonly StandingVehicle[] = []) {
  let state = createAnalyzer({
    camera: 'a',
    site: demoSite,
    configVersion: '1',
    modelSha256: null,
    firstTrackId,
    recall,
  });
  const events: DomainEvent[] = [];
  for (const observation of observations) {
    const [next, output] = step(state, observation);
    state = next;
    events.push(...output.events);
  }
  const standing = liveTracks(state).flatMap((track) => (track.standing ? [track.standing] : []));
  return {
    state,
    standing,
    told: events.map(({ type, ...event }) => `${type} ${'track_id' in event ? event.track_id : ''}`),
  };
}

describe('a restart', () => {
  const before = run(
    watch(1000, 1090, () => PLACE),
    5,
  );

  it('is survived by a parked vehicle, which drives off later as the same', () => {
    expect(before.told).toEqual(['stopped 5', 'parked 5']);
    expect(before.standing).toMatchObject([{ trackId: 5, class: 'car', isParked: true, isSinceBirth: true }]);
    const handedOver = JSON.parse(JSON.stringify(before.standing)) as StandingVehicle[];
    const after = run(
      watch(1400, 1430, (t) => (t < 1425 ? PLACE : away(t - 1425))),
      6,
      handedOver,
    );
    // Neither a second stop nor a second parking.
    expect(after.told.slice(0, 2)).toEqual(['unparked 5', 'moved_off 5']);
    expect(new Set(after.told.map((words) => words.split(' ')[1]))).toEqual(new Set(['5']));
    const again = run(
      watch(1400, 1410, () => PLACE),
      6,
      handedOver,
    );
    expect(again.standing).toMatchObject([{ trackId: 5, sinceUtc: before.standing[0]?.sinceUtc, isParked: true }]);
  });

  it('counts no frame for being remembered', () => {
    const known = before.standing[0] as StandingVehicle;
    const elsewhere = run(
      watch(1100, 1100.5, () => null),
      6,
      before.standing,
    );
    expect(liveTracks(elsewhere.state).map(({ frames }) => frames)).toEqual([known.frames]);
  });

  it('gives the number to nobody else', () => {
    const elsewhere = run(
      watch(1400, 1410, () => [600, 300, 720, 370]),
      6,
      before.standing,
    );
    expect(elsewhere.told).toEqual(['stopped 6']);
    expect(elsewhere.standing.map(({ trackId }) => trackId).sort()).toEqual([5, 6]);
  });

  it('is not bridged after too long a time', () => {
    expect(
      run(
        watch(1090 + 3700, 1090 + 3710, () => PLACE),
        6,
        before.standing,
      ).told,
    ).toEqual(['stopped 6']);
    const stopped = before.standing.map((vehicle) => ({ ...vehicle, isParked: false }));
    expect(
      run(
        watch(1200, 1210, () => PLACE),
        6,
        stopped,
      ).told,
    ).toEqual(['stopped 6']);
    expect(
      run(
        watch(1120, 1130, () => PLACE),
        6,
        stopped,
      ).told,
    ).toEqual(['parked 5']);
  });

  it('forgets a vehicle that is gone when there is sight of its place', () => {
    const { state } = run(
      watch(1400, 2010, () => null),
      6,
      before.standing,
    );
    expect(liveTracks(state)).toEqual([]);
  });
});
