/**
 * `npm start`: sets up what is missing, then becomes `stopsign up` in this very process, so that signals need no
 * passing on. Arguments go to it: `npm start -- --config front-yard.yaml`. `--verbose` shows set-up's own output.
 */

import { ROOT, setUp } from './setup.mjs';
import { main } from './steps.mjs';

await main(async () => {
  const args = process.argv.slice(2);
  await setUp({ verbose: args.includes('--verbose') });
  // Before anything uses libuv's pool: FFmpeg's reads and decodes run on it.
  process.env.UV_THREADPOOL_SIZE ??= '16';
  process.argv = [process.execPath, `${ROOT}/dist/cli.js`, 'up', ...args.filter((arg) => arg !== '--verbose')];
  await import('../dist/cli.js');
});
