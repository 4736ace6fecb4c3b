/**
 * `npm start`: sets up what is missing, then becomes `stopsign up` in this very process, so that signals need no
 * passing on. Arguments go to it: `npm start -- --config front-yard.yaml`. `--verbose` shows set-up's own output.
 */

import { ROOT, setUp } from './setup.mjs';
import { main } from './steps.mjs';

const PARENT_LOOK_MS = 500;

await main(async () => {
  const args = process.argv.slice(2);
  await setUp({ verbose: args.includes('--verbose') });
  // Before anything uses libuv's pool: FFmpeg's reads and decodes run on it.
  process.env.UV_THREADPOOL_SIZE ??= '16';
  process.argv = [process.execPath, `${ROOT}/dist/cli.js`, 'up', ...args.filter((arg) => arg !== '--verbose')];
  if (process.env.npm_lifecycle_event) endWithParent();
  await import('../dist/cli.js');
});

/** Whoever kills npm, or the shell that npm puts between, means us: nothing may go on running unseen. */
function endWithParent() {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_LOOK_MS);
  look.unref();
}
