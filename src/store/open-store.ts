/**
 * The connection to Postgres that every question of this folder is asked through: a small pool that connects when it is
 * needed, gives each question a deadline, and turns failures into StopsignErrors. Used by the persister, the gateway
 * and the launcher, each with its own.
 */
import postgres from 'postgres';
import { StopsignError } from '../errors.ts';
import { databaseError, Unanswered } from './database-error.ts';
import { probePostgres } from './probe.ts';

export type Sql = postgres.Sql;

export interface StoreOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly maxConnections?: number;
  readonly connectTimeoutMs?: number;
  /** Deadline of a question, connecting included; default 5,000. */
  readonly askTimeoutMs?: number;
}

const IDLE_S = 60;
/** The caller decides how often it asks again, so the driver need not wait long on its own. */
const DRIVER_BACKOFF_S = 0.05;

/** @throws StopsignError BAD_CONFIG when the URL is none of Postgres; nothing is connected yet */
export function openStore(options: StoreOptions): Store {
  return new Store(options);
}

export class Store {
  /** host:port/database, for people; without user and password */
  readonly address: string;
  private readonly options: StoreOptions;
  private sql: Sql;
  private isProven = false;
  private isClosed = false;

  constructor(options: StoreOptions) {
    this.options = options;
    this.sql = connectPool(options);
    const { host, port, database } = this.sql.options;
    this.address = `${host[0]}:${port[0]}/${database}`;
  }

  /**
   * @throws StopsignError DATABASE_UNAVAILABLE (later it may be answered) or BAD_INPUT (Postgres refuses the values)
   */
  async ask<T>(question: (sql: Sql) => PromiseLike<T>, timeoutMs = this.options.askTimeoutMs ?? 5_000): Promise<T> {
    if (this.isClosed) throw new StopsignError('DATABASE_UNAVAILABLE', 'The connection to the database is closed.');
    const { sql } = this;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Unanswered(timeoutMs)), timeoutMs);
    });
    try {
      return await Promise.race([this.prove(timeoutMs).then(() => question(sql)), deadline]);
    } catch (error) {
      const known = databaseError(error, this.address);
      if (known.code === 'DATABASE_UNAVAILABLE') this.isProven = false;
      if (error instanceof Unanswered) this.renew(sql);
      throw known;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Idempotent; takes at most half a second. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.sql.end({ timeout: 0.5 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async prove(timeoutMs: number): Promise<void> {
    const { host, port, path } = this.sql.options;
    const isPlainTcp = !path && host.length === 1;
    if (this.isProven || !isPlainTcp) return;
    await probePostgres(host[0] as string, port[0] as number, timeoutMs);
    this.isProven = true;
  }

  /** Connections that do not answer are given up: what still comes over them is of no use to anybody. */
  private renew(stuck: Sql): void {
    if (this.sql !== stuck || this.isClosed) return;
    this.sql = connectPool(this.options);
    stuck.end({ timeout: 0 }).catch(() => {});
  }
}

function connectPool(options: StoreOptions): Sql {
  if (!/^postgres(ql)?:\/\//.test(options.url)) {
    throw new StopsignError('BAD_CONFIG', 'The address of the database is no postgres:// URL.', {
      remedy: 'Write it as postgres://user:password@host:5432/database.',
    });
  }
  try {
    return postgres(options.url, {
      max: options.maxConnections ?? 4,
      connect_timeout: (options.connectTimeoutMs ?? 3_000) / 1000,
      idle_timeout: IDLE_S,
      backoff: () => DRIVER_BACKOFF_S,
      fetch_types: false,
      onnotice: () => {},
      connection: { application_name: options.applicationName },
    });
  } catch (cause) {
    throw new StopsignError('BAD_CONFIG', 'The address of the database cannot be read.', {
      cause,
      remedy: 'Write it as postgres://user:password@host:5432/database, with special characters percent-encoded.',
    });
  }
}
