/**
 * The environment variables that StopSign reads, checked. They win over the configuration file. The reference is the
 * table in `config/stopsign.example.yaml`.
 */
import { resolve } from 'node:path';
import { StopsignError } from '../errors.ts';
import { hubAddress } from './hub-address.ts';
import type { HubUrls } from './runtime.ts';

export interface Environment {
  readonly configFile: string | undefined;
  readonly databaseUrl: string | undefined;
  /** An external media hub (MediaMTX). */
  readonly hub: HubUrls | undefined;
  /** With which StopSign reads from the hub; see hub-login.ts. */
  readonly hubUser: string | undefined;
  readonly hubPassword: string | undefined;
  /** Absolute. */
  readonly demoClip: string | undefined;
  readonly modelsDir: string | undefined;
  readonly adminToken: string | undefined;
  readonly dataDir: string | undefined;
  /** The address that the gateway listens on. */
  readonly host: string | undefined;
  readonly port: number | undefined;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const SHORTEST_TOKEN = 16;

/** Throws BAD_CONFIG with a sentence that names the variable. An empty variable counts as not set. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): Environment {
  const read = (name: string): string | undefined => env[name]?.trim() || undefined;
  const path = (name: string): string | undefined => {
    const value = read(name);
    return value === undefined ? undefined : resolve(cwd, value);
  };
  checkLogLevel(read('STOPSIGN_LOG_LEVEL'));
  const hub = read('MEDIA_HUB');
  return {
    configFile: read('STOPSIGN_CONFIG'),
    databaseUrl: checkDatabaseUrl(read('DATABASE_URL')),
    hub: hub === undefined ? undefined : hubAddress(hub, 'MEDIA_HUB'),
    hubUser: read('MEDIA_HUB_USER'),
    hubPassword: read('MEDIA_HUB_PASSWORD'),
    demoClip: path('STOPSIGN_DEMO_CLIP'),
    modelsDir: path('STOPSIGN_MODELS_DIR'),
    adminToken: checkToken(read('STOPSIGN_ADMIN_TOKEN')),
    dataDir: path('STOPSIGN_DATA_DIR'),
    host: read('STOPSIGN_HOST'),
    port: checkPort(read('PORT')),
  };
}

/** Also used for `database.url` of the configuration. The password never appears in the sentence. */
export function checkDatabaseUrl(value: string | undefined, name = 'DATABASE_URL'): string | undefined {
  if (value === undefined) return undefined;
  if (URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol)) return value;
  throw wrong(name, 'a Postgres address', 'Write it as postgres://user:password@host:5432/database.');
}

function checkPort(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) {
    throw wrong('PORT', `a port number from 0 to 65535, found "${value}"`, 'For example PORT=8081.');
  }
  return port;
}

function checkToken(value: string | undefined): string | undefined {
  if (value === undefined || value.length >= SHORTEST_TOKEN) return value;
  throw wrong(
    'STOPSIGN_ADMIN_TOKEN',
    `at least ${SHORTEST_TOKEN} characters, found ${value.length}`,
    'Make one with: openssl rand -hex 24',
  );
}

function checkLogLevel(value: string | undefined): void {
  if (value === undefined || LOG_LEVELS.includes(value)) return;
  throw wrong('STOPSIGN_LOG_LEVEL', `one of ${LOG_LEVELS.join(', ')}, found "${value}"`, 'Leave it out for info.');
}

function wrong(name: string, expected: string, remedy: string): StopsignError {
  return new StopsignError('BAD_CONFIG', `${name} must be ${expected}.`, { remedy });
}
