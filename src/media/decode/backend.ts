/** Chooses the decode backend of this machine: beamcoder where it was built, else node-av. */
import { StopsignError } from '../../errors.ts';
import { loadBeamcoder } from './beamcoder.ts';
import { loadNodeAv } from './node-av.ts';
import type { DecodeBackend } from './port.ts';

export type BackendName = DecodeBackend['name'];

/**
 * @param wanted from STOPSIGN_DECODER; absent: the first that loads
 * @throws StopsignError NATIVE_MISSING when none does
 */
export async function loadBackend(wanted?: BackendName): Promise<DecodeBackend> {
  const failures: unknown[] = [];
  if (wanted !== 'node-av') {
    try {
      return loadBeamcoder();
    } catch (error) {
      failures.push(error);
    }
  }
  if (wanted !== 'beamcoder') {
    try {
      return await loadNodeAv();
    } catch (error) {
      failures.push(error);
    }
  }
  throw new StopsignError('NATIVE_MISSING', `no video decoder could be loaded (${wanted ?? 'beamcoder or node-av'}).`, {
    cause: new AggregateError(failures),
    remedy: 'Install the FFmpeg development packages and run npm ci again, or run npm ci with optional packages.',
  });
}
