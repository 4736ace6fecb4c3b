/** Chooses the decode backend of this machine: the first of an order that loads. */
import { StopsignError } from '../../errors.ts';
import { loadBeamcoder } from './beamcoder.ts';
import { loadNodeAv } from './node-av.ts';
import type { DecodeBackend } from './port.ts';

export type BackendName = DecodeBackend['name'];

const LOADERS: Readonly<Record<BackendName, () => DecodeBackend | Promise<DecodeBackend>>> = {
  beamcoder: loadBeamcoder,
  'node-av': loadNodeAv,
};

/**
 * node-av first, for what it does to memory (adr/0023): it frees frames at once, so that the next is decoded into memory that
 * is there already. beamcoder 0.7.1 leaves that to the garbage collector, loses an AVFrame for good with each picture, and
 * takes almost twice the CPU.
 */
const BY_PREFERENCE: readonly BackendName[] = ['node-av', 'beamcoder'];

/**
 * @param wanted absent: the first that loads
 * @throws StopsignError NATIVE_MISSING when none does
 */
export async function loadBackend(wanted?: BackendName): Promise<DecodeBackend> {
  const names = wanted === undefined ? BY_PREFERENCE : [wanted];
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      return await LOADERS[name]();
    } catch (error) {
      failures.push(error);
    }
  }
  throw new StopsignError('NATIVE_MISSING', `no video decoder could be loaded (${names.join(' or ')}).`, {
    cause: new AggregateError(failures),
    remedy: 'Install the FFmpeg development packages and run npm ci again, or run npm ci with optional packages.',
  });
}
