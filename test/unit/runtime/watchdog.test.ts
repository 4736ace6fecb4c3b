import { describe, expect, it } from 'vitest';
import { type Observed, type WatchdogMemory, watchdog } from '../../../src/actors/runtime/watchdog.ts';

const second = 1e3;
const actor = (over: Partial<Observed>): Observed => ({
  name: 'inference',
  isExpectedAlive: true,
  heartbeat: 0,
  progress: 0,
  inputWaiting: false,
  stallMs: 5_000,
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

  it('finds a heart that stands still', () => {
    expect(watch(6, () => actor({}))).toMatchObject([
      { name: 'inference', cause: 'heartbeat', detail: 'no heartbeat for 6.0 s' },
    ]);
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
