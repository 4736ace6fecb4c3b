/** A dependency that comes back elsewhere while a dependant is still starting: the dependant must learn of it. */
import { expect, test } from 'vitest';
import { Launcher } from '../../src/launcher/launcher.ts';
import type { Facts, PartExit, PartSpec, RunningPart } from '../../src/launcher/part.ts';
import { DEFAULT_LIMITS } from '../../src/launcher/restart-policy.ts';
import { silentLog } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const limits = { ...DEFAULT_LIMITS, backoffMs: 1, maxBackoffMs: 1 };

function runningPart(facts: Facts): RunningPart & { end(exit: PartExit): void } {
  let end: (exit: PartExit) => void = () => {};
  const exited = new Promise<PartExit>((resolve) => {
    end = resolve;
  });
  const stop = (): void => end({ code: 0, signal: null, lastWords: null });
  return { facts, exited, end, stop: async () => stop(), kill: stop };
}

test('it starts again with the new address, and is not called ready with the old one', async () => {
  const databases: ReturnType<typeof runningPart>[] = [];
  const postgres: PartSpec = {
    name: 'postgres',
    after: [],
    limits,
    async start() {
      const part = runningPart({ url: `database:${databases.length + 1}` });
      databases.push(part);
      return part;
    },
  };
  const told: (string | undefined)[] = [];
  let letFirstBeReady: () => void = () => {};
  const firstMayBeReady = new Promise<void>((resolve) => {
    letFirstBeReady = resolve;
  });
  const analyzer: PartSpec = {
    name: 'analyzer',
    after: ['postgres'],
    limits,
    async start(facts) {
      told.push(facts.get('postgres')?.['url']);
      const generation = told.length;
      if (generation === 1) await firstMayBeReady;
      return runningPart({ url: `analyzer:${generation}` });
    },
  };
  const greeted: (string | undefined)[] = [];
  const launcher = new Launcher([postgres, analyzer], {
    log: silentLog,
    onReady: (facts) => greeted.push(facts.get('analyzer')?.['url']),
  });
  const exitCode = launcher.run();
  await until(() => told.length === 1, { what: 'the analyzer to be starting' });
  databases[0]?.end({ code: null, signal: 'SIGKILL', lastWords: null });
  await until(() => databases.length === 2, { what: 'the second database' });
  letFirstBeReady();
  await until(() => greeted.length === 1, { what: 'the house' });
  expect(told).toEqual(['database:1', 'database:2']);
  expect(greeted).toEqual(['analyzer:2']);
  await launcher.stop();
  expect(await exitCode).toBe(0);
});
