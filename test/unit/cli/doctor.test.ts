/** A check-up looks; it must not change the process it runs in. */
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { doctorChecks } from '../../../src/cli/doctor-checks.ts';
import { projectRoot } from '../../support/shared.ts';

afterEach(() => vi.unstubAllEnvs());

test('the database check finds the embedded Postgres without hooking into the end of the process', async () => {
  vi.stubEnv('DATABASE_URL', '');
  vi.stubEnv('STOPSIGN_CONFIG', '');
  const check = doctorChecks(join(projectRoot(), 'demo/demo.site.yaml')).find(({ name }) => name === 'database');
  const listeners = () =>
    ['exit', 'beforeExit', 'SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'message'].map((event) =>
      process.listenerCount(event),
    );
  const before = listeners();
  expect(await check?.run()).toBe('embedded, started with StopSign');
  expect(listeners()).toEqual(before);
});
