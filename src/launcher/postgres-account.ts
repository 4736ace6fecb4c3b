/**
 * Who runs the embedded Postgres. Postgres refuses to run as root, so root lends it an account without rights; anybody
 * else runs it as himself. Used by the embedded Postgres only.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StopsignError } from '../errors.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The account that Debian's own package creates too, then ours. */
const CANDIDATES = ['postgres', 'stopsign'];

/** null: the user who runs the launcher is good enough. Root gets an account, created when there is none. */
export function postgresAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const known = findAccount();
  if (known) return known;
  try {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'stopsign',
    ]);
  } catch (cause) {
    throw new StopsignError(
      'DATABASE_UNAVAILABLE',
      'Postgres does not run as root, and no account can be made for it.',
      {
        cause,
        remedy: 'Run StopSign as another user, create a user named "stopsign", or set DATABASE_URL.',
      },
    );
  }
  const created = findAccount();
  if (created) return created;
  throw new StopsignError('DATABASE_UNAVAILABLE', 'The account that was made for Postgres cannot be found.', {
    remedy: 'Run StopSign as another user, or set DATABASE_URL.',
  });
}

/** For root: whoever owns a cluster that exists goes on running it, whatever accounts have come since. */
export function ownerOf(cluster: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  const stat = statSync(cluster, { throwIfNoEntry: false });
  return stat && stat.uid !== 0 ? { uid: stat.uid, gid: stat.gid } : null;
}

/** Whether the account may enter every folder down to `path` (symbolic links followed). */
export function canReach(account: Account | null, path: string): boolean {
  if (!account) return true;
  for (let dir = realpathSync(path); ; dir = dirname(dir)) {
    const stat = statSync(dir);
    if (stat.isDirectory() && !mayEnter(account, stat)) return false;
    if (dir === dirname(dir)) return true;
  }
}

function mayEnter(account: Account, { uid, gid, mode }: Stats): boolean {
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

function findAccount(): Account | null {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of CANDIDATES) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid && gid && Number(uid) !== 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return null;
}
