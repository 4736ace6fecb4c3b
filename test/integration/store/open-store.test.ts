/** Each way in which a database can refuse has its own sentence, and the store recovers when the cause is gone. */
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../src/errors.ts';
import { firstTrackIds } from '../../../src/store/first-track-ids.ts';
import { insertBatch } from '../../../src/store/insert-batch.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { ping } from '../../../src/store/ping.ts';
import { startPostgres, startServer } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { T0, trackFact } from './sample-facts.ts';

async function refusal(url: string, timeoutMs = 2_000): Promise<{ code: string; sentence: string }> {
  await using store = openStore({ url, applicationName: 'test' });
  const error = await ping(store, timeoutMs).then(
    () => Promise.reject(new Error('it answered')),
    (cause: { code: string }) => cause,
  );
  return { code: error.code, sentence: describeError(error) };
}

async function listen(server: Server): Promise<{ url: string; [Symbol.asyncDispose](): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  return {
    url: `postgres://me:secret@127.0.0.1:${address.port}/db`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('a database that refuses', () => {
  it('says that nothing listens', async () => {
    const closed = await listen(createServer());
    await closed[Symbol.asyncDispose]();
    const { code, sentence } = await refusal(closed.url);
    expect(code).toBe('DATABASE_UNAVAILABLE');
    expect(sentence).toContain('refuses connections: nothing listens there');
    expect(sentence).toContain('Check DATABASE_URL');
    expect(sentence).not.toContain('secret');
  });

  it('says that the password is wrong', async () => {
    await using database = await startPostgres();
    const { sentence } = await refusal(database.url.replace(/:[^:@]+@/, ':wrong@'));
    expect(sentence).toContain('refuses the user name or password');
    expect(sentence).not.toContain('wrong@');
  });

  it('says that the database does not exist', async () => {
    await using database = await startPostgres();
    const { sentence } = await refusal(database.url.replace(/\/[^/]+$/, '/nowhere'));
    expect(sentence).toContain('has no database of that name');
  });

  it('says that the host does not exist', async () => {
    const { code, sentence } = await refusal('postgres://me:secret@no-such-host.invalid:5432/db');
    expect(code).toBe('DATABASE_UNAVAILABLE');
    expect(sentence).toMatch(/cannot be found/);
  });

  it('says that a web server is no Postgres, without hammering it', async () => {
    let connections = 0;
    const server = createHttpServer((_, response) => response.end('hello'));
    server.on('connection', () => {
      connections += 1;
    });
    await using web = await listen(server);
    const { sentence } = await refusal(web.url);
    expect(sentence).toContain('is no Postgres server');
    expect(connections).toBe(1);
  });

  it('says that somebody who accepts and keeps silent does not answer, in bounded time', async () => {
    const sockets: { destroy(): void }[] = [];
    await using silent = await listen(createServer((socket) => sockets.push(socket)));
    const startedMs = performance.now();
    const { sentence } = await refusal(silent.url, 300);
    expect(sentence).toContain('does not answer in time');
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    for (const socket of sockets) socket.destroy();
  });

  it.each(['http://127.0.0.1/db', 'postgres://me@host:port/db', ''])('calls "%s" bad configuration', (url) => {
    expect(() => openStore({ url, applicationName: 'test' })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIG', remedy: expect.stringContaining('postgres://') }),
    );
  });
});

describe('a database that comes and goes', () => {
  it('answers again after it was killed and restarted', async () => {
    await using server = await startServer();
    await using store = openStore({ url: server.url, applicationName: 'test' });
    await ping(store);
    await server.kill();
    // A server process with an open connection outlives its postmaster for a moment, and may still answer.
    const refusal = await until(
      () =>
        ping(store).then(
          () => null,
          (error: unknown) => error,
        ),
      { what: 'a refusal' },
    );
    expect(refusal).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await server.start();
    await until(() => ping(store).catch(() => null), { what: 'an answer' });
  });

  it('answers again after it was frozen longer than a question waits', async () => {
    await using server = await startServer();
    await using store = openStore({ url: server.url, applicationName: 'test', maxConnections: 1 });
    const pid = await store.ask(async (sql) => (await sql`select pg_backend_pid() as pid`)[0]?.['pid'] as number);
    process.kill(pid, 'SIGSTOP');
    await expect(ping(store, 200)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await ping(store)).toBeLessThan(3_000);
    process.kill(pid, 'SIGCONT');
  });
});

describe('first track numbers', () => {
  const nowUs = Date.UTC(2026, 0, 1) * 1_000;

  it('go on above what the database knows, in a database that is still empty too', async () => {
    await using database = await startPostgres();
    expect(await firstTrackIds(database.url, ['demo', 'side'], nowUs)).toEqual({ demo: 1, side: 1 });
    await using store = openStore({ url: database.url, applicationName: 'test' });
    await migrate(store);
    await insertBatch(store, [trackFact(41, T0)]);
    expect(await firstTrackIds(database.url, ['demo', 'side'], nowUs)).toEqual({ demo: 42, side: 1 });
  });

  it('go on by the time while the database is away', async () => {
    const ids = await firstTrackIds('postgres://me:secret@127.0.0.1:1/db', ['demo'], nowUs);
    expect(ids).toEqual({ demo: 63_158_400 });
  });
});
