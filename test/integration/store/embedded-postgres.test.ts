/** The embedded server: first start, adoption, crash, copies, no orphans. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EmbeddedPostgres } from '../../../src/launcher/embedded-postgres.ts';
import { inspectProcess } from '../../../src/launcher/process-identity.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { silentLog, temporaryDir } from '../../support/postgres.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';

interface Folder extends Disposable {
  readonly dataDir: string;
}

function folder(): Folder {
  const dir = temporaryDir();
  return { dataDir: join(dir, 'postgres'), [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

const open = (dataDir: string): Promise<EmbeddedPostgres> => EmbeddedPostgres.open({ dataDir, log: silentLog });

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  await using store = openStore({ url, applicationName: 'test', maxConnections: 1 });
  return [...(await store.ask((sql) => sql.unsafe(statement)))];
}

const portOf = (url: string): number => Number(new URL(url).port);

describe('the embedded Postgres', () => {
  it('keeps its data and its address over a restart, and leaves no process', async () => {
    using at = folder();
    const first = await open(at.dataDir);
    await query(first.url, 'create table kept (n integer); insert into kept values (7)');
    const startedMs = performance.now();
    await first.close();
    await first.close();
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(inspectProcess(first.pid)).toBeNull();
    await using second = await open(at.dataDir);
    expect(second.url).toBe(first.url);
    expect(second.isAdopted).toBe(false);
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  it('listens on loopback only, behind a password that nobody else can read', async () => {
    using at = folder();
    await using server = await open(at.dataDir);
    const [row] = await query(server.url, 'show listen_addresses');
    expect(row).toEqual({ listen_addresses: '127.0.0.1' });
    expect(statSync(join(at.dataDir, 'access.json')).mode & 0o777).toBe(0o600);
    await expect(query(server.url.replace(/:[^:@]+@/, ':guess@'), 'select 1')).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    expect(readdirSync(at.dataDir)).not.toContain('password.new');
  });

  it('tells when the server was killed, and starts anew with what was committed', async () => {
    using at = folder();
    const first = await open(at.dataDir);
    await query(first.url, 'create table kept (n integer); insert into kept values (7)');
    const exited = new Promise((resolve) => first.onExit(resolve));
    process.kill(first.pid, 'SIGKILL');
    expect(await exited).toEqual({ code: null, signal: 'SIGKILL' });
    await using second = await open(at.dataDir);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 7 }]);
    let late: unknown;
    first.onExit((exit) => {
      late = exit;
    });
    expect(late).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('does not tell of an end that was asked for', async () => {
    using at = folder();
    const server = await open(at.dataDir);
    let told = 0;
    server.onExit(() => {
      told += 1;
    });
    await server.close();
    expect(told).toBe(0);
  });

  it('adopts the server of a killed predecessor, notices its end, and can stop it', async () => {
    using at = folder();
    const predecessor = spawn(process.execPath, [join(import.meta.dirname, 'open-and-hang.mjs'), at.dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(predecessor.stdout, 'data')) as [Buffer];
    const { pid, url } = JSON.parse(line.toString()) as { pid: number; url: string };
    await query(url, 'create table kept (n integer); insert into kept values (7)');
    predecessor.kill('SIGKILL');
    await once(predecessor, 'exit');
    expect(inspectProcess(pid)).not.toBeNull();

    const adopted = await open(at.dataDir);
    expect(adopted).toMatchObject({ pid, url, isAdopted: true });
    expect(await query(adopted.url, 'select n from kept')).toEqual([{ n: 7 }]);
    await adopted.close();
    // It has ended; whoever is its parent now may take a moment to say so.
    await until(() => inspectProcess(pid) === null, { what: 'the end of the process' });
  });

  it('notices when an adopted server ends', async () => {
    using at = folder();
    const first = await open(at.dataDir);
    await using adopted = await open(at.dataDir);
    expect(adopted).toMatchObject({ pid: first.pid, isAdopted: true });
    const exited = new Promise((resolve) => adopted.onExit(resolve));
    await first.close();
    expect(await exited).toEqual({ code: null, signal: null });
  });

  it('ends a predecessor that does not answer, and starts its own', async () => {
    using at = folder();
    const first = await open(at.dataDir);
    process.kill(first.pid, 'SIGSTOP');
    await using second = await open(at.dataDir);
    expect(second.isAdopted).toBe(false);
    expect(inspectProcess(first.pid)).toBeNull();
    expect(await query(second.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('moves to another port when its own was taken meanwhile', async () => {
    using at = folder();
    const first = await open(at.dataDir);
    await first.close();
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(portOf(first.url), '127.0.0.1', resolve));
    await using second = await open(at.dataDir);
    expect(portOf(second.url)).not.toBe(portOf(first.url));
    expect(await query(second.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    thief.close();
  });

  it('is not misled by a process number that belongs to somebody else now', async () => {
    using at = folder();
    const first = await open(at.dataDir);
    const note = join(at.dataDir, 'cluster/postmaster.pid');
    const text = readFileSync(note, 'utf8');
    await first.close();
    writeFileSync(note, text.replace(/^\d+/, String(process.pid)));
    await using second = await open(at.dataDir);
    expect(second.isAdopted).toBe(false);
  });

  it('gives a copied data folder a server of its own', async () => {
    using at = folder();
    using other = folder();
    const stopped = await open(at.dataDir);
    await query(stopped.url, 'create table kept (n integer); insert into kept values (7)');
    await stopped.close();
    await promisify(execFile)('cp', ['-a', at.dataDir, other.dataDir]);
    await using original = await open(at.dataDir);
    await using copy = await open(other.dataDir);
    expect(copy.pid).not.toBe(original.pid);
    expect(portOf(copy.url)).not.toBe(portOf(original.url));
    await query(copy.url, 'insert into kept values (8)');
    expect(await query(original.url, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  it('begins again when the first start was interrupted', async () => {
    using at = folder();
    mkdirSync(join(at.dataDir, 'cluster.new'), { recursive: true });
    writeFileSync(join(at.dataDir, 'cluster.new/PG_VERSION'), '18');
    await using server = await open(at.dataDir);
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(existsSync(join(at.dataDir, 'cluster.new'))).toBe(false);
  });

  it('keeps a database aside whose password was lost', async () => {
    using at = folder();
    const first = await open(at.dataDir);
    await first.close();
    rmSync(join(at.dataDir, 'access.json'));
    await using second = await open(at.dataDir);
    expect(await query(second.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(readdirSync(at.dataDir).filter((name) => name.startsWith('cluster.without-password'))).toHaveLength(1);
  });

  it('says in one sentence that its folder cannot be used', async () => {
    using at = folder();
    writeFileSync(at.dataDir, 'a file where a folder should be');
    await expect(open(at.dataDir)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('cannot run in'),
      remedy: expect.stringContaining('STOPSIGN_DATA_DIR'),
    });
  });

  it('says that the file with its password is damaged', async () => {
    using at = folder();
    mkdirSync(at.dataDir);
    writeFileSync(join(at.dataDir, 'access.json'), '{"version":');
    await expect(open(at.dataDir)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('is damaged'),
    });
  });

  it.skipIf(process.getuid?.() !== 0)('goes on as the user who owns the cluster when root starts it', async () => {
    using at = folder();
    const first = await open(at.dataDir);
    await first.close();
    await promisify(execFile)('chown', ['-R', 'nobody:nogroup', join(at.dataDir, 'cluster')]);
    await using second = await open(at.dataDir);
    expect(statSync(`/proc/${second.pid}`).uid).toBe(statSync(join(at.dataDir, 'cluster')).uid);
    expect(await query(second.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it.skipIf(process.getuid?.() !== 0)('runs for root also where its account may not enter', async () => {
    const closed = temporaryDir();
    await promisify(execFile)('chmod', ['700', closed]);
    const dataDir = join(closed, 'postgres');
    const server = await open(dataDir);
    const { home } = JSON.parse(readFileSync(join(dataDir, 'access.json'), 'utf8')) as { home: string };
    expect(home.startsWith(closed)).toBe(false);
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await server.close();
    rmSync(home, { recursive: true, force: true });
    rmSync(closed, { recursive: true, force: true });
  });

  it.skipIf(process.getuid?.() !== 0)('runs for a user who is not root', async () => {
    using at = folder();
    mkdirSync(at.dataDir);
    await promisify(execFile)('chown', ['-R', 'nobody', at.dataDir]);
    const script = join(import.meta.dirname, 'open-and-hang.mjs');
    const child = spawn(process.execPath, [script, at.dataDir, 'close'], {
      ...{ uid: statSync(at.dataDir).uid, gid: 65_534, cwd: projectRoot(), stdio: ['ignore', 'pipe', 'inherit'] },
    });
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const { pid } = JSON.parse(line.toString()) as { pid: number };
    await once(child, 'exit');
    await until(() => inspectProcess(pid) === null, { what: 'the server to be gone' });
    expect(statSync(join(at.dataDir, 'cluster')).uid).toBe(statSync(at.dataDir).uid);
  });
});
