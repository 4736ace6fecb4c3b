/**
 * Fast to slow, one group after the other: what measures time must not share the machine with other tests. `npm test`
 * builds first: thread tests start the compiled workers.
 */
import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

const setupFiles = ['test/support/seed.ts'];

export default defineConfig({
  test: {
    // Rooms and children log to stdout; a failing test says enough by itself.
    // Models run on threads of the tests too, and onnxruntime must send nothing home (adr/0023).
    env: { STOPSIGN_LOG_LEVEL: process.env['STOPSIGN_LOG_LEVEL'] ?? 'silent', ORT_DISABLE_TELEMETRY: '1' },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          environment: 'node',
          setupFiles,
          testTimeout: 10_000,
        },
      },
      {
        plugins: [solid()],
        resolve: { conditions: ['development', 'browser'] },
        test: {
          name: 'web',
          include: ['test/unit/**/*.test.tsx'],
          environment: 'happy-dom',
          setupFiles,
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'thread',
          sequence: { groupOrder: 1 },
          include: ['test/thread/**/*.test.ts', 'test/replay/**/*.test.ts', 'test/regression/**/*.test.ts'],
          environment: 'node',
          setupFiles,
          testTimeout: 60_000,
          pool: 'forks',
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { groupOrder: 2 },
          include: ['test/integration/**/*.test.ts'],
          environment: 'node',
          setupFiles,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 3 },
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          setupFiles,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
});
