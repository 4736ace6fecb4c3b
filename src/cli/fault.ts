/** `stopsign fault`: asks a running house, as its admin, to let one of its parts fail. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gatewayAddress } from '../config/build-runtime.ts';
import { readEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { StopsignError } from '../errors.ts';

const ANSWER_WITHIN_MS = 15_000;

export interface FaultOptions {
  readonly room: string;
  readonly kind: string;
  readonly config?: string;
  readonly port?: number;
  readonly seconds?: number;
  readonly factor?: number;
}

/** @throws StopsignError with what the house answered */
export async function runFault({ config, port, ...request }: FaultOptions): Promise<string> {
  const environment = readEnvironment();
  const loaded = loadConfig({ flag: config, variable: environment.configFile });
  const address = gatewayAddress(loaded, environment);
  const base = `${houseOrigin(address.host, port ?? address.port)}/trpc`;
  const token = environment.adminToken ?? readToken(resolve(environment.dataDir ?? loaded.config.data_dir));
  const cookie = (await ask(`${base}/admin.login`, { token }, null)).headers.getSetCookie()[0]?.split(';')[0] ?? null;
  await ask(`${base}/admin.fault`, request, cookie);
  return `${request.kind} was injected into ${request.room}.\n`;
}

/** Where to reach, from this machine, what listens on `host`: an address, a name, or a wildcard. */
export function houseOrigin(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

function readToken(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
  } catch (cause) {
    throw new StopsignError('INPUT_MISSING', `There is no admin token in ${dataDir}.`, {
      remedy: 'Say where the house keeps its data (STOPSIGN_DATA_DIR), or set STOPSIGN_ADMIN_TOKEN.',
      cause,
    });
  }
}

async function ask(url: string, body: object, cookie: string | null): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(cookie && { cookie }) };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal }).catch(
    (cause: unknown) => {
      throw new StopsignError('CONTROL_CLOSED', `Nobody answers at ${new URL(url).origin}.`, { cause });
    },
  );
  if (response.ok) return response;
  const answer = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  throw new StopsignError('BAD_USAGE', answer?.error?.message ?? `The house answered ${response.status}.`);
}
