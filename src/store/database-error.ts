/**
 * What a failed question to Postgres means, in one sentence and with a remedy. Callers branch on the code:
 * DATABASE_UNAVAILABLE = ask again later; BAD_INPUT = Postgres refuses this very data, asking again cannot help.
 */
import { StopsignError } from '../errors.ts';

/** Thrown inside the store when a question was not answered in time. */
export class Unanswered extends Error {
  readonly code = 'UNANSWERED';
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown by the probe when whoever listens is no Postgres. */
export class NotPostgres extends Error {
  readonly code = 'NOT_POSTGRES';
}

const CHECK_URL = 'Check DATABASE_URL (or database.url in the configuration file).';

type Sentence = readonly [says: string, remedy: string];

const SENTENCES: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: ['refuses connections: nothing listens there', `Start Postgres there. ${CHECK_URL}`],
  ENOTFOUND: ['cannot be found: there is no such host', CHECK_URL],
  EAI_AGAIN: ['cannot be found: the name server does not answer', `Check the network and DNS. ${CHECK_URL}`],
  EHOSTUNREACH: ['cannot be reached over the network', `Check the network and firewalls. ${CHECK_URL}`],
  ENETUNREACH: ['cannot be reached over the network', `Check the network and firewalls. ${CHECK_URL}`],
  ETIMEDOUT: ['does not answer', `Check that Postgres runs and no firewall is between. ${CHECK_URL}`],
  CONNECT_TIMEOUT: ['does not answer', `Check that Postgres runs and no firewall is between. ${CHECK_URL}`],
  UNANSWERED: ['does not answer in time', 'Check the load and the disk of the database host.'],
  NOT_POSTGRES: ['is no Postgres server: something else answers on that port', CHECK_URL],
  ECONNRESET: ['closed the connection', 'It is tried again; look into the log of Postgres if that goes on.'],
  EPIPE: ['closed the connection', 'It is tried again; look into the log of Postgres if that goes on.'],
  CONNECTION_CLOSED: ['closed the connection', 'It is tried again; look into the log of Postgres if that goes on.'],
  CONNECTION_DESTROYED: ['was disconnected', 'It is tried again.'],
  CONNECTION_ENDED: ['was disconnected', 'It is tried again.'],
  '28P01': ['refuses the user name or password', CHECK_URL],
  '28000': ['does not let this user in', `Check pg_hba.conf of the server. ${CHECK_URL}`],
  '3D000': ['has no database of that name', `Create it with "createdb". ${CHECK_URL}`],
  '42501': ['does not allow this user to do that', 'Grant the user all rights on the database and its schema.'],
  '53100': ['has no room left on its disk', 'Free some space on the disk of the database.'],
  '53300': ['has no connection left', 'Raise max_connections of Postgres, or stop other clients.'],
  '57P01': ['is being shut down', 'Start Postgres again; nothing is lost meanwhile.'],
  '57P02': ['crashed and is restarting', 'It is tried again; look into the log of Postgres if that goes on.'],
  '57P03': ['is still starting up', 'It is tried again.'],
  '25006': ['is read-only', 'Connect to the primary server.'],
};

/** SQLSTATE classes that blame the data: data exception, integrity constraint, program limit exceeded. */
const REFUSED_CLASSES = new Set(['22', '23', '54']);

/** @param address host:port/database, never with the password */
export function databaseError(cause: unknown, address: string): StopsignError {
  if (cause instanceof StopsignError) return cause;
  const code = codeOf(cause);
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (/^[0-9A-Z]{5}$/.test(code) && REFUSED_CLASSES.has(code.slice(0, 2))) {
    return new StopsignError('BAD_INPUT', `Postgres refuses the data (${code}): ${detail}.`, { cause });
  }
  const [says, remedy] = SENTENCES[code] ?? [`failed (${code || 'no code'}): ${detail}`, 'It is tried again.'];
  return new StopsignError('DATABASE_UNAVAILABLE', `The database at ${address} ${says}.`, { cause, remedy });
}

/** Node reports several addresses of one host as an AggregateError that carries the code of its first. */
function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return '';
  const { code, errors } = cause as { code?: unknown; errors?: readonly unknown[] };
  if (typeof code === 'string') return code;
  return errors?.length ? codeOf(errors[0]) : '';
}
