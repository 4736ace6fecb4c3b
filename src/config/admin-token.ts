/**
 * The token that opens the admin console: from the environment, else made once and kept in the data folder. Called by
 * the launcher only.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StopsignError } from '../errors.ts';

export interface AdminToken {
  readonly token: string;
  /** Where it is kept; null when it comes from the environment. */
  readonly file: string | null;
  /** true: made just now, so the operator has never seen it. */
  readonly isNew: boolean;
}

/** @param dataDir exists and can be written */
export function openAdminToken(dataDir: string, fromEnvironment: string | undefined): AdminToken {
  if (fromEnvironment) return { token: fromEnvironment, file: null, isNew: false };
  const file = join(dataDir, 'admin-token');
  const kept = tryRead(file);
  if (kept) return { token: kept, file, isNew: false };
  const token = randomBytes(24).toString('hex');
  try {
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new StopsignError('BAD_CONFIG', `The admin token cannot be kept in ${file}.`, {
      remedy: 'Make the folder writable, or set STOPSIGN_ADMIN_TOKEN.',
      cause,
    });
  }
  return { token, file, isNew: true };
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StopsignError('BAD_CONFIG', `The admin token in ${file} cannot be read.`, {
      remedy: 'Give the file to the user that runs StopSign, or set STOPSIGN_ADMIN_TOKEN.',
      cause,
    });
  }
}
