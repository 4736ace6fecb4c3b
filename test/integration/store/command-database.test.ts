/** The commands over a database: the one named, the embedded one at rest, and the embedded one that is running. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { EmbeddedPostgres } from '../../../src/launcher/embedded-postgres.ts';
import { insertBatch } from '../../../src/store/insert-batch.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { ping } from '../../../src/store/ping.ts';
import { silentLog, startPostgres, temporaryDir } from '../../support/postgres.ts';
import { projectRoot } from '../../support/shared.ts';
import { passFact, T0 } from './sample-facts.ts';

const SITE = join(projectRoot(), 'test/fixtures/sites/synthetic-street.yaml');

async function run(...args: string[]) {
  let out = '';
  let err = '';
  const code = await runProgram(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

async function fill(url: string): Promise<void> {
  await using store = openStore({ url, applicationName: 'test' });
  await migrate(store);
  await insertBatch(store, [passFact(1), passFact(2, 'no_stop')]);
}

const score = () => run('score', '--camera', 'demo', '--since', String(T0), '--config', SITE);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a command over the database', () => {
  it('uses the one that DATABASE_URL names', async () => {
    await using database = await startPostgres();
    await fill(database.url);
    vi.stubEnv('DATABASE_URL', database.url);
    expect(await score()).toMatchObject({ code: 0, err: '', out: expect.stringContaining('50 of 100') });
    const rejudged = await run('rejudge', '--since', String(T0), '--config', SITE, '--json');
    expect(rejudged.code).toBe(0);
    expect(JSON.parse(rejudged.out)).toMatchObject({ passes: 2, judged: 0, without_evidence: 2, applied: false });
  });

  it('starts the embedded one for itself, and leaves a running one running', async () => {
    const dataDir = temporaryDir();
    mkdirSync(join(dataDir, 'postgres'), { mode: 0o755 });
    vi.stubEnv('DATABASE_URL', '');
    vi.stubEnv('STOPSIGN_DATA_DIR', dataDir);
    try {
      const options = { dataDir: join(dataDir, 'postgres'), log: silentLog };
      {
        await using server = await EmbeddedPostgres.open(options);
        await fill(server.url);
      }
      expect(await score()).toMatchObject({ code: 0, out: expect.stringContaining('n = 2') });
      await using server = await EmbeddedPostgres.open(options);
      expect(server.isAdopted).toBe(false);
      expect(await score()).toMatchObject({ code: 0, out: expect.stringContaining('n = 2') });
      await using store = openStore({ url: server.url, applicationName: 'test' });
      expect(await ping(store, 3_000)).toBeGreaterThanOrEqual(0);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 60_000);

  it('says that there is none yet', async () => {
    const dataDir = temporaryDir();
    vi.stubEnv('DATABASE_URL', '');
    vi.stubEnv('STOPSIGN_DATA_DIR', dataDir);
    writeFileSync(join(dataDir, 'other'), '');
    const { code, err } = await score();
    expect(code).toBe(66);
    expect(err).toContain(`There is no database in ${join(dataDir, 'postgres')} yet.`);
    rmSync(dataDir, { recursive: true, force: true });
  });
});
