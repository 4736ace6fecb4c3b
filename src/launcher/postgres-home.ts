/**
 * Where the embedded cluster lives, and how to get in. Used by the embedded Postgres only.
 *
 *   <dataDir>/access.json    port, password, and where the cluster is (0600)
 *   <home>/cluster/          Postgres's data directory
 *   <home>/server.log        what the server says
 *
 * <home> is <dataDir>, unless the account that runs Postgres cannot get there; then it is a folder of its own below
 * /var/lib/stopsign.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StopsignError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { type Account, canReach } from './postgres-account.ts';
import { reachableDir } from './postgres-binaries.ts';

interface Access {
  readonly version: 1;
  /** The data folder this was written for: a copied folder must not share the cluster of the original. */
  readonly dataDir: string;
  readonly home: string;
  readonly port: number;
  readonly password: string;
}

export class PostgresHome {
  readonly cluster: string;
  readonly log: string;
  readonly home: string;
  readonly password: string;
  private readonly file: string;
  private access: Access;

  private constructor(file: string, access: Access) {
    this.file = file;
    this.access = access;
    this.home = access.home;
    this.password = access.password;
    this.cluster = join(access.home, 'cluster');
    this.log = join(access.home, 'server.log');
  }

  static open(dataDir: string, account: Account | null, log: Log): PostgresHome {
    mkdirSync(dataDir, { recursive: true });
    const real = realpathSync(dataDir);
    const file = join(real, 'access.json');
    const known = readAccess(file);
    const home = chooseHome(real, known, account);
    mkdirSync(home, { recursive: true });
    if (home !== real) {
      chmodSync(home, 0o755);
      writeFileSync(
        join(home, 'belongs-to.txt'),
        `The embedded database of ${real}; to be deleted together with it.\n`,
      );
    }
    const isSame = known !== null && known.home === home;
    const opened = new PostgresHome(file, {
      version: 1,
      dataDir: real,
      home,
      port: isSame ? known.port : 0,
      password: known?.password ?? randomBytes(24).toString('base64url'),
    });
    if (existsSync(opened.cluster) && known === null) opened.setAside(log);
    opened.save();
    return opened;
  }

  /** 0 until one was chosen. */
  get port(): number {
    return this.access.port;
  }
  rememberPort(port: number): void {
    if (port === this.access.port) return;
    this.access = { ...this.access, port };
    this.save();
  }

  /** Without its password a cluster cannot be used, and it is not ours to delete. */
  private setAside(log: Log): void {
    const aside = `${this.cluster}.without-password-${Date.now()}`;
    renameSync(this.cluster, aside);
    log.warn(`The database in ${this.cluster} has lost its password file; it was moved to ${aside}.`);
  }

  private save(): void {
    const draft = `${this.file}.new`;
    writeFileSync(draft, `${JSON.stringify(this.access, null, 2)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, this.file);
  }
}

/** A known home is kept, also when the data folder was moved; a copy of the folder gets its own. */
function chooseHome(dataDir: string, known: Access | null, account: Account | null): string {
  const isCopy = known !== null && known.dataDir !== dataDir && existsSync(join(known.dataDir, 'access.json'));
  const isInside = known !== null && known.home === known.dataDir;
  if (known && !isInside && !isCopy && existsSync(join(known.home, 'cluster'))) return known.home;
  if (canReach(account, dataDir)) return dataDir;
  return join(reachableDir(), createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
}

function readAccess(file: string): Access | null {
  if (!existsSync(file)) return null;
  // Not readable for this user: the system's error says so better.
  const text = readFileSync(file, 'utf8');
  try {
    const access = JSON.parse(text) as Access;
    if (access.version === 1 && access.password && access.home) return access;
  } catch {}
  throw new StopsignError('DATABASE_UNAVAILABLE', `The file ${file} with the database password is damaged.`, {
    remedy:
      'Restore it from a backup; or remove it, and the embedded database starts empty (the old one is kept aside).',
  });
}
