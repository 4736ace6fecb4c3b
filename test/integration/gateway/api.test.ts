import { TRPCClientError } from '@trpc/client';
import { describe, expect, it } from 'vitest';
import type { PassEvent } from '../../../src/domain/types.ts';
import { StopsignError } from '../../../src/errors.ts';
import type { SystemStatus } from '../../../src/rpc/api/types.ts';
import { until } from '../../support/until.ts';
import { adminHeaders, openGateway, passEvent, TOKEN } from './gateway-fixture.ts';

async function failure(answer: Promise<unknown>): Promise<{ code: string; stopsign: string | null; message: string }> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof TRPCClientError) return { ...error.data, message: error.message };
    throw error;
  }
  throw new Error('it did not fail');
}

describe('cameras and status', () => {
  it('lists what there is to look at, in one batch with the status', async () => {
    await using gateway = await openGateway();
    await gateway.advance(1_000);
    const { trpc } = gateway.client();
    const [cameras, status] = await Promise.all([trpc.cameras.list.query(), trpc.status.snapshot.query()]);
    expect(cameras.map(({ name }) => name)).toEqual(['front', 'yard']);
    expect(cameras[0]).toMatchObject({
      siteName: 'Test corner',
      timeZone: 'Europe/Berlin',
      units: 'km/h',
      mediaBase: '/media/front',
      demo: false,
      truth: null,
      scaled: { w: 1280, h: 720 },
      stream: { type: 'status', camera: 'front' },
    });
    expect(status).toMatchObject({ version: '1.2.3', database: 'ok', model: { name: 'test-model' }, ready: false });
    expect(status.actors.map(({ name }) => name)).toContain('tracker:front');
    expect(status.checks.find(({ name }) => name === 'camera front')).toMatchObject({ ok: false });
  });

  it('shows the numbers of the board', async () => {
    await using gateway = await openGateway();
    const row = gateway.board.row('inference');
    row.set('in', 7);
    row.set('skipped', 3);
    row.set('latencyUs', 12_345);
    row.set('restarts', 2);
    const { actors } = await gateway.client().trpc.status.snapshot.query();
    expect(actors.find(({ name }) => name === 'inference')).toMatchObject({
      state: 'running',
      in: 7,
      skipped: 3,
      restarts: 2,
      latencyMs: 12.3,
    });
  });

  it('streams a status now and one a second, until the client goes', async () => {
    await using gateway = await openGateway();
    const seen: SystemStatus[] = [];
    const subscription = gateway.client().trpc.status.watch.subscribe(undefined, { onData: (s) => seen.push(s) });
    await until(() => seen.length === 1, { what: 'the first status' });
    await gateway.advance(1_000);
    await until(() => seen.length === 2, { what: 'the second status' });
    expect((seen[1]?.tsUtc ?? 0) - (seen[0]?.tsUtc ?? 0)).toBeGreaterThan(0.9);
    subscription.unsubscribe();
  });
});

describe('passes', () => {
  it('come from the store together with those not stored yet, newest first, each once', async () => {
    const stored = [passEvent('b', { entered_utc: 20 }), passEvent('a', { entered_utc: 10 })];
    await using gateway = await openGateway({ store: { recentPasses: async () => stored } });
    gateway.writePass(passEvent('b', { entered_utc: 20 }));
    gateway.writePass(passEvent('c', { entered_utc: 30 }));
    gateway.writePass(passEvent('y', { entered_utc: 40, camera: 'yard' }));
    await gateway.work();
    const { trpc } = gateway.client();
    const ids = async (query: Parameters<typeof trpc.passes.recent.query>[0]) =>
      (await trpc.passes.recent.query(query)).map(({ id }) => id);
    expect(await ids({ camera: 'front' })).toEqual(['c', 'b', 'a']);
    expect(await ids({ limit: 2 })).toEqual(['y', 'c']);
  });

  it('still come, as far as remembered, while the database is away; an older page says so', async () => {
    await using gateway = await openGateway();
    gateway.writePass(passEvent('p1'));
    await gateway.work();
    const { trpc } = gateway.client();
    expect((await trpc.passes.recent.query({ camera: 'front' })).map(({ id }) => id)).toEqual(['p1']);
    expect(await trpc.passes.byId.query({ id: 'p1' })).toEqual({ pass: passEvent('p1'), samples: [] });
    expect(await failure(trpc.passes.recent.query({ before: 500 }))).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      stopsign: 'DATABASE_UNAVAILABLE',
    });
    expect(await failure(trpc.passes.stats.query({ camera: 'front' }))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('do not wait for a database that never answers', async () => {
    await using gateway = await openGateway({ store: { passStats: () => new Promise(() => {}) } });
    const { trpc } = gateway.client();
    expect(await failure(trpc.passes.stats.query({ camera: 'front' }))).toMatchObject({
      stopsign: 'DATABASE_UNAVAILABLE',
    });
  });

  it('asks the store in the time zone of the site', async () => {
    const asked: unknown[] = [];
    const counts = { full_stop: 1, rolling_stop: 0, no_stop: 0, indeterminate: 0 };
    const stats = { today: counts, week: counts, all: counts, hourly: [{ hour: 3600, counts }], since: 1 };
    const passStats = async (question: object) => {
      asked.push(question);
      return stats;
    };
    await using gateway = await openGateway({ store: { passStats } });
    expect(await gateway.client().trpc.passes.stats.query({ camera: 'front' })).toEqual(stats);
    expect(asked).toEqual([expect.objectContaining({ camera: 'front', timezone: 'Europe/Berlin' })]);
  });

  it('arrive as they happen, and a reconnect gets those it missed', async () => {
    await using gateway = await openGateway();
    const { trpc } = gateway.client();
    const seen: { id: string; data: PassEvent }[] = [];
    const first = trpc.passes.watch.subscribe({ camera: 'front' }, { onData: (event) => seen.push(event) });
    await until(
      async () => {
        gateway.writePass(passEvent(`warm-${seen.length}`));
        await gateway.work();
        return seen.length > 0;
      },
      { what: 'the subscription to be there' },
    );
    gateway.writePass(passEvent('p1'));
    gateway.writePass(passEvent('other', { camera: 'yard' }));
    await gateway.work();
    await until(() => seen.some(({ id }) => id === 'p1'), { what: 'p1' });
    expect(seen.some(({ id }) => id === 'other')).toBe(false);
    first.unsubscribe();
    gateway.writePass(passEvent('p2'));
    gateway.writePass(passEvent('p3'));
    await gateway.work();
    const later: string[] = [];
    const second = trpc.passes.watch.subscribe(
      { camera: 'front', lastEventId: 'p1' },
      { onData: ({ id }) => later.push(id) },
    );
    await until(() => later.length === 2, { what: 'the missed passes' });
    expect(later).toEqual(['p2', 'p3']);
    second.unsubscribe();
  });

  it.each([
    ['a camera that is not configured', { camera: 'nowhere' }, 'NOT_FOUND'],
    ['a limit that is too high', { limit: 201 }, 'BAD_REQUEST'],
  ])('refuses %s', async (_, query, code) => {
    await using gateway = await openGateway({ store: { recentPasses: async () => [] } });
    expect(await failure(gateway.client().trpc.passes.recent.query(query))).toMatchObject({ code });
  });
});

describe('incidents', () => {
  const incident = (id: string, startedUtc: number, resolvedUtc: number | null) => {
    const known = { actor: 'inference', stage: 'inference', generation: 1, framesLost: null };
    return { id, ...known, cause: 'stall' as const, detail: 'x', startedUtc, resolvedUtc };
  };

  it('joins history with this run, which knows how they ended', async () => {
    await using gateway = await openGateway({
      store: { recentIncidents: async () => [incident('b', 2, null), incident('a', 1, 1.5)] },
      supervisor: { incidents: async () => [incident('c', 3, null), incident('b', 2, 2.5)] },
    });
    expect(await gateway.client().trpc.incidents.recent.query({ limit: 10 })).toEqual([
      incident('c', 3, null),
      incident('b', 2, 2.5),
      incident('a', 1, 1.5),
    ]);
  });

  it('are those of this run while the database is away', async () => {
    await using gateway = await openGateway({ supervisor: { incidents: async () => [incident('c', 3, null)] } });
    expect(await gateway.client().trpc.incidents.recent.query({})).toEqual([incident('c', 3, null)]);
  });
});

describe('the admin session', () => {
  it('is given for the right token as a cookie that scripts and other sites cannot use', async () => {
    await using gateway = await openGateway();
    const { trpc, setCookies } = gateway.client();
    expect(await trpc.admin.login.mutate({ token: TOKEN })).toEqual({ admin: true });
    expect(setCookies).toHaveLength(1);
    expect(setCookies[0]).toMatch(/^stopsign_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const cookie = (setCookies[0] as string).split(';')[0] as string;
    expect(await gateway.client({ cookie }).trpc.admin.me.query()).toEqual({ admin: true });
    expect(await trpc.admin.me.query()).toEqual({ admin: false });
  });

  it('is Secure behind a TLS proxy', async () => {
    await using gateway = await openGateway();
    const { trpc, setCookies } = gateway.client({ 'x-forwarded-proto': 'https' });
    await trpc.admin.login.mutate({ token: TOKEN });
    expect(setCookies[0]).toContain('; Secure');
  });

  it('ends with logout and after twelve hours', async () => {
    await using gateway = await openGateway();
    const one = await adminHeaders(gateway);
    const two = await adminHeaders(gateway);
    await gateway.client(one).trpc.admin.logout.mutate();
    expect(await gateway.client(one).trpc.admin.me.query()).toEqual({ admin: false });
    expect(await gateway.client(two).trpc.admin.me.query()).toEqual({ admin: true });
    await gateway.advance(12 * 3600_000);
    expect(await gateway.client(two).trpc.admin.me.query()).toEqual({ admin: false });
  });

  it('refuses a wrong token, and after five of them even the right one for a minute', async () => {
    await using gateway = await openGateway();
    const { trpc, setCookies } = gateway.client();
    for (let i = 0; i < 5; i += 1) {
      expect(await failure(trpc.admin.login.mutate({ token: 'wrong' }))).toMatchObject({ code: 'UNAUTHORIZED' });
    }
    expect(await failure(trpc.admin.login.mutate({ token: TOKEN }))).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    const elsewhere = gateway.client({ 'x-forwarded-for': '192.0.2.7' });
    expect(await elsewhere.trpc.admin.login.mutate({ token: TOKEN })).toEqual({ admin: true });
    expect(setCookies).toEqual([]);
    await gateway.advance(61_000);
    expect(await trpc.admin.login.mutate({ token: TOKEN })).toEqual({ admin: true });
  });

  it('is needed to restart an actor', async () => {
    const restarted: string[] = [];
    const restart = async (actor: string, by: string) => void restarted.push(`${actor} by ${by}`);
    await using gateway = await openGateway({ supervisor: { restart } });
    const anybody = gateway.client().trpc;
    expect(await failure(anybody.admin.restart.mutate({ actor: 'inference' }))).toMatchObject({ code: 'UNAUTHORIZED' });
    const forged = gateway.client({ cookie: 'stopsign_session=x' }).trpc;
    expect(await failure(forged.admin.restart.mutate({ actor: 'inference' }))).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(restarted).toEqual([]);
    const admin = gateway.client(await adminHeaders(gateway)).trpc;
    expect(await admin.admin.restart.mutate({ actor: 'inference' })).toEqual({ restarted: 'inference' });
    expect(restarted).toEqual(['inference by 127.0.0.1']);
    expect(await failure(admin.admin.restart.mutate({ actor: 'nobody' }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is needed to inject a fault, and a house that does not allow it says how to', async () => {
    const injected: unknown[] = [];
    const fault = async (request: object, by: string) => void injected.push({ ...request, by });
    const request = { room: 'inference', kind: 'hang' } as const;
    await using gateway = await openGateway({ supervisor: { fault } });
    const anybody = gateway.client().trpc;
    expect(await failure(anybody.admin.fault.mutate(request))).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(injected).toEqual([]);
    const admin = gateway.client(await adminHeaders(gateway)).trpc;
    expect(await admin.admin.fault.mutate(request)).toEqual({ injected: 'hang' });
    expect(injected).toEqual([{ ...request, seconds: 10, factor: 10, by: '127.0.0.1' }]);
    const refuse = () => Promise.reject(new StopsignError('BAD_USAGE', 'Not here.', { remedy: 'Use another.' }));
    await using other = await openGateway({ supervisor: { fault: refuse } });
    const refused = await failure(other.client(await adminHeaders(other)).trpc.admin.fault.mutate(request));
    expect(refused).toMatchObject({ code: 'BAD_REQUEST', message: 'Not here. Use another.' });
  });

  it('answers before its own gateway is replaced', async () => {
    const restarted: string[] = [];
    const restart = async (actor: string) => void restarted.push(actor);
    await using gateway = await openGateway({ supervisor: { restart } });
    const admin = gateway.client(await adminHeaders(gateway)).trpc;
    expect(await admin.admin.restart.mutate({ actor: 'gateway' })).toEqual({ restarted: 'gateway' });
    expect(restarted).toEqual([]);
    await until(() => restarted.length === 1, { what: 'the restart' });
  });
});

describe('errors at the edge', () => {
  it('carry the code and the remedy of ours', async () => {
    const passById = () => Promise.reject(new StopsignError('CONTROL_TIMEOUT', 'No answer.', { remedy: 'Try again.' }));
    await using gateway = await openGateway({ store: { passById } });
    expect(await failure(gateway.client().trpc.passes.byId.query({ id: 'x' }))).toMatchObject({
      code: 'GATEWAY_TIMEOUT',
      stopsign: 'CONTROL_TIMEOUT',
      message: 'No answer. Try again.',
    });
  });

  it('keep the details of what nobody expected on the server', async () => {
    const restart = () => Promise.reject(new Error('secret path /etc/x'));
    await using gateway = await openGateway({ supervisor: { restart } });
    const admin = gateway.client(await adminHeaders(gateway)).trpc;
    const { code, message } = await failure(admin.admin.restart.mutate({ actor: 'inference' }));
    expect({ code, message }).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'Something went wrong inside; the log has the details.',
    });
  });
});

describe('with viewers: token', () => {
  it('lets nobody watch without a session or the token', async () => {
    await using gateway = await openGateway({
      settings: { viewers: 'token' },
      store: { recentPasses: async () => [] },
    });
    expect(await failure(gateway.client().trpc.cameras.list.query())).toMatchObject({ code: 'UNAUTHORIZED' });
    expect((await fetch(`${gateway.origin}/metrics`)).status).toBe(401);
    expect((await fetch(`${gateway.origin}/media/front/hls/index.m3u8`)).status).toBe(401);
    expect(await gateway.live().waitClosed()).toMatchObject({ code: 4401 });
    for (const path of ['/healthz', '/ready', '/']) {
      expect((await fetch(gateway.origin + path)).status).not.toBe(401);
    }
  });

  it('lets in who logged in, and who brings the token', async () => {
    await using gateway = await openGateway({ settings: { viewers: 'token' } });
    const headers = await adminHeaders(gateway);
    expect(await gateway.client(headers).trpc.cameras.list.query()).toHaveLength(2);
    await gateway.live('camera=front', headers).waitFor('hello');
    await gateway.live(`camera=front&token=${encodeURIComponent(TOKEN)}`).waitFor('hello');
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${gateway.origin}/metrics`, { headers: bearer })).status).toBe(200);
  });

  it('exchanges the token in the page address for a session that may view, but not change anything', async () => {
    await using gateway = await openGateway({ settings: { viewers: 'token' } });
    const page = await fetch(`${gateway.origin}/?token=${encodeURIComponent(TOKEN)}`);
    const cookie = (page.headers.getSetCookie()[0] as string).split(';')[0] as string;
    const { trpc } = gateway.client({ cookie });
    expect(await trpc.cameras.list.query()).toHaveLength(2);
    expect(await trpc.admin.me.query()).toEqual({ admin: false });
    expect(await failure(trpc.admin.restart.mutate({ actor: 'inference' }))).toMatchObject({ code: 'UNAUTHORIZED' });
  });
});
