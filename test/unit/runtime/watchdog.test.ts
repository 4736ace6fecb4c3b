import { describe, expect, it } from 'vitest';
import { type Observed, type WatchdogMemory, watchdog } from '../../../src/actors/runtime/watchdog.ts';

const second = 1e3;
const actor = (over: Partial<Observed>): Observed => ({
  name: 'inference',
  generation: 1,
  isExpectedAlive: true,
  heartbeat: 0,
  isInNative: false,
  progress: 0,
  inputWaiting: false,
  isBlocked: false,
  flows: [],
  silentMs: 3_000,
  nativeMs: 6_000,
  stallMs: 5_000,
  outputMs: 4_000,
  unprovenMs: 4_000,
  complaints: 0,
  ...over,
});

/** Feeds one observation a second and returns the findings of the last. */
function watch(seconds: number, at: (t: number) => Observed) {
  let memory: WatchdogMemory = new Map();
  let findings: ReturnType<typeof watchdog>[1] = [];
  for (let t = 0; t <= seconds; t += 1) [memory, findings] = watchdog(memory, [at(t)], t * second);
  return findings;
}

describe('the watchdog', () => {
  it('is content with an idle actor that beats', () => {
    expect(watch(60, (t) => actor({ heartbeat: t }))).toEqual([]);
  });

  it('is content while input waits and progress is made', () => {
    expect(watch(60, (t) => actor({ heartbeat: t, inputWaiting: true, progress: t }))).toEqual([]);
  });

  it('holds nothing against a successor that was still while its predecessor was', () => {
    const still = (t: number) => actor({ heartbeat: t, inputWaiting: true, generation: t < 4 ? 1 : 2 });
    expect(watch(8, still)).toEqual([]);
    expect(watch(10, still)).toMatchObject([{ cause: 'stall' }]);
  });

  it('gives a successor that has given nothing yet its own time, whatever its predecessor gave', () => {
    const flows = (t: number) => [{ output: 'out', taken: t, given: Math.min(t, 3) }];
    const one = (t: number) =>
      actor({
        heartbeat: t,
        progress: t,
        flows: flows(t),
        generation: t < 4 ? 1 : 2,
        outputMs: 1_500,
        unprovenMs: 6_000,
      });
    expect(watch(8, one)).toEqual([]);
    expect(watch(11, one)).toMatchObject([{ cause: 'output' }]);
  });

  it('finds a heart that stands still', () => {
    expect(watch(3, () => actor({}))).toEqual([]);
    expect(watch(4, () => actor({}))).toMatchObject([
      { name: 'inference', cause: 'heartbeat', detail: 'no heartbeat for 4.0 s' },
    ]);
  });

  it('gives one call of native code longer, and says where it hangs', () => {
    expect(watch(6, () => actor({ isInNative: true, inputWaiting: true }))).toEqual([]);
    expect(watch(7, () => actor({ isInNative: true }))).toMatchObject([
      { cause: 'heartbeat', detail: 'no heartbeat for 7.0 s, inside native code' },
    ]);
  });

  it('does not take a machine that slept for threads that hang', () => {
    let [memory] = watchdog(new Map(), [actor({})], 0);
    let findings: ReturnType<typeof watchdog>[1];
    [memory, findings] = watchdog(memory, [actor({})], 3_600 * second);
    expect(findings).toEqual([]);
    [memory, findings] = watchdog(memory, [actor({ heartbeat: 1 })], 3_601 * second);
    expect(findings).toEqual([]);
  });

  it('does not blame an actor that waits for room in its output', () => {
    expect(watch(60, (t) => actor({ heartbeat: t, inputWaiting: true, isBlocked: true }))).toEqual([]);
  });

  it('finds an actor that takes input and gives nothing', () => {
    const flows = (t: number, given: number) => [{ output: 'detections:front', taken: t, given }];
    const busy = (t: number) => ({ heartbeat: t, progress: t });
    expect(watch(60, (t) => actor({ ...busy(t), flows: flows(t, t) }))).toEqual([]);
    expect(watch(5, (t) => actor({ ...busy(t), flows: flows(t, 7) }))).toMatchObject([
      { cause: 'output', detail: 'takes input and gave nothing to detections:front for 5.0 s' },
    ]);
    // Nothing came in: then nothing need come out.
    expect(watch(60, (t) => actor({ ...busy(t), flows: flows(7, 7) }))).toEqual([]);
    expect(watch(60, (t) => actor({ ...busy(t), isBlocked: true, flows: flows(t, 7) }))).toEqual([]);
  });

  describe('input that gives nothing, where the input may be at fault', () => {
    const decoder = (t: number, given: number, complaints = 0) => ({
      ...actor({ heartbeat: t, progress: t, outputMs: 2_000, unprovenMs: 6_000, complaints }),
      flows: [{ output: 'frames:front', taken: t, given }],
    });

    it('blames one that gave pictures, and finds nothing wrong with what it gets, soon', () => {
      expect(watch(12, (t) => decoder(t, Math.min(t, 10)))).toEqual([]);
      expect(watch(13, (t) => decoder(t, Math.min(t, 10)))).toMatchObject([{ cause: 'output' }]);
    });

    it('gives one that never gave a picture longer', () => {
      expect(watch(6, (t) => decoder(t, 7))).toEqual([]);
      expect(watch(7, (t) => decoder(t, 7))).toMatchObject([{ cause: 'output' }]);
    });

    it('gives one that complains of what it gets longer, until it gives something again', () => {
      const garbage = (t: number) => decoder(t, Math.min(t, 10), Math.max(0, t - 10));
      expect(watch(16, garbage)).toEqual([]);
      expect(watch(17, garbage)).toMatchObject([{ cause: 'output' }]);
      // It complained long ago: that is no excuse.
      const recovered = (t: number) => decoder(t, Math.min(t, 10), t > 5 ? 3 : 0);
      expect(watch(13, recovered)).toMatchObject([{ cause: 'output' }]);
    });
  });

  it('finds an actor that beats but leaves its input lying', () => {
    expect(watch(6, (t) => actor({ heartbeat: t, inputWaiting: true, progress: 3 }))).toMatchObject([
      { cause: 'stall' },
    ]);
  });

  it('counts the stall from when input came, not from the last progress', () => {
    expect(watch(60, (t) => actor({ heartbeat: t, inputWaiting: t > 57 }))).toEqual([]);
  });

  it('leaves alone what is starting or stopping', () => {
    expect(watch(60, () => actor({ isExpectedAlive: false }))).toEqual([]);
  });
});
