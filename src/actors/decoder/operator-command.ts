/** Runs what an operator wrote into the configuration, e.g. to switch a camera off and on. Decoder's thread. */
import { spawn } from 'node:child_process';
import type { Log } from '../../telemetry/log.ts';

const AT_MOST_MS = 30_000;

/** By the shell; never throws. The camera's name and since when it is frozen are in its environment. */
export function runOperatorCommand(command: string, camera: string, sinceUtc: number, log: Log): void {
  const env = {
    ...process.env,
    STOPSIGN_CAMERA: camera,
    STOPSIGN_FROZEN_SINCE: new Date(sinceUtc * 1_000).toISOString(),
  };
  const child = spawn(command, { shell: true, stdio: 'ignore', env, timeout: AT_MOST_MS });
  child.once('error', (error) => log.error({ err: error }, 'the command for a frozen picture could not be run'));
  child.once('exit', (code, signal) => log.info({ code, signal }, 'the command for a frozen picture has ended'));
}
