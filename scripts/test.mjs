/**
 * `npm test`: sets up everything, the browser included, then lint, types and every test. Arguments go to vitest and
 * run a part: `npm test -- --project unit test/unit/config`; lint and types are then left out.
 */
import { ROOT, setUp } from './setup.mjs';
import { main, must, run, step } from './steps.mjs';

const bin = (path) => [process.execPath, `node_modules/${path}`];

await main(async () => {
  const args = process.argv.slice(2).filter((arg) => arg !== '--verbose');
  const verbose = process.argv.includes('--verbose');
  await setUp({ browser: true, verbose });
  const options = { cwd: ROOT, verbose };
  if (args.length === 0) {
    await step('lint', () =>
      must([...bin('@biomejs/biome/bin/biome'), 'check', '.'], { what: 'The linter', ...options }),
    );
    for (const project of ['node', 'web', 'test']) {
      await step(`types (${project})`, () =>
        must([...bin('typescript/bin/tsc'), '-p', `tsconfig.${project}.json`, '--noEmit'], {
          what: 'The type check',
          ...options,
        }),
      );
    }
  }
  const env = { ...process.env, UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16' };
  const { code } = await run([...bin('vitest/vitest.mjs'), 'run', ...args], { cwd: ROOT, env, inherit: true });
  process.exitCode = code;
});
