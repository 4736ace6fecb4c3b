/** The only place that loads uWebSockets.js: its binary fits certain Node versions and systems only. */
import { createRequire } from 'node:module';
import { StopsignError } from '../../errors.ts';

export type Uws = typeof import('uWebSockets.js');

/** @throws StopsignError NATIVE_MISSING when there is no binary for this Node, system and processor */
export function loadUws(load: () => unknown = () => createRequire(import.meta.url)('uWebSockets.js')): Uws {
  try {
    return load() as Uws;
  } catch (cause) {
    const { platform, arch, version } = process;
    throw new StopsignError(
      'NATIVE_MISSING',
      `uWebSockets.js has no binary for Node ${version} on ${platform} ${arch}.`,
      {
        remedy: 'Use Node 20 on glibc Linux (x64 or arm64), macOS or Windows, and run npm ci again.',
        cause,
      },
    );
  }
}
