import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AccessRequest, NOTHING_SHOWN, readAuthorization } from '../../../../src/media/hub/access-request.ts';
import { accessSchema } from '../../../../src/media/hub/access-settings.ts';
import { Doorkeeper } from '../../../../src/media/hub/doorkeeper.ts';

type Users = Parameters<typeof accessSchema.parse>[0];

function doorkeeper(access: Users, trustThisMachine = false) {
  const log: unknown[] = [];
  const keeper = new Doorkeeper({
    access: accessSchema.parse(access),
    trustThisMachine,
    refusalDelayMs: 0,
    log: (...line) => log.push(line),
  });
  const judge = async (request: Partial<AccessRequest>) =>
    keeper.judge({
      action: 'read',
      path: 'front',
      protocol: 'rtsp',
      credentials: NOTHING_SHOWN,
      ip: '192.0.2.7',
      isThisMachine: false,
      query: '',
      userAgent: '',
      ...request,
    });
  return { keeper, judge, log };
}

const shown = (user: string, password: string) => ({ user, password, token: '' });

describe('without users', () => {
  it('strangers read and publish, and only this machine sees the control API and metrics', async () => {
    const { judge } = doorkeeper({}, true);
    const verdicts = (isThisMachine: boolean) =>
      Promise.all((['read', 'publish', 'api', 'metrics'] as const).map((action) => judge({ action, isThisMachine })));
    expect(await verdicts(false)).toEqual(['allowed', 'allowed', 'ask', 'ask']);
    expect(await verdicts(true)).toEqual(['allowed', 'allowed', 'allowed', 'allowed']);
  });
});

describe('users', () => {
  const sha256 = createHash('sha256').update('s3cret').digest('base64');
  const users = [
    { user: 'guest', pass: 'welcome', permissions: [{ action: 'read', path: 'front' }] },
    { user: 'camera', pass: `sha256:${sha256}`, permissions: [{ action: 'publish', path: '~^cam\\d+$' }] },
    { user: 'any', ips: ['10.0.0.0/8', 'fd00::/8'], permissions: [{ action: 'metrics' }] },
  ];

  it.each<[string, Partial<AccessRequest>, string]>([
    ['nothing shown', {}, 'ask'],
    ['the right password', { credentials: shown('guest', 'welcome') }, 'allowed'],
    ['a wrong password', { credentials: shown('guest', 'Welcome') }, 'refused'],
    ['an unknown user', { credentials: shown('nobody', 'welcome') }, 'refused'],
    ['another path', { path: 'back', credentials: shown('guest', 'welcome') }, 'refused'],
    ['another action', { action: 'publish', credentials: shown('guest', 'welcome') }, 'refused'],
    [
      'a hashed password, path by expression',
      { action: 'publish', path: 'cam12', credentials: shown('camera', 's3cret') },
      'allowed',
    ],
    [
      'a path beside the expression',
      { action: 'publish', path: 'cam12x', credentials: shown('camera', 's3cret') },
      'refused',
    ],
    [
      'the hash itself as the password',
      { action: 'publish', path: 'cam1', credentials: shown('camera', sha256) },
      'refused',
    ],
    ['anybody from his network', { action: 'metrics', path: '', ip: '10.3.2.1' }, 'allowed'],
    ['anybody from his IPv6 network', { action: 'metrics', path: '', ip: 'fd00::1' }, 'allowed'],
    ['anybody from elsewhere', { action: 'metrics', path: '', ip: '11.3.2.1' }, 'ask'],
    ['a user named any', { credentials: shown('any', '') }, 'refused'],
    ['a token', { credentials: { ...NOTHING_SHOWN, token: 'welcome' } }, 'refused'],
  ])('%s', async (_, request, verdict) => {
    expect(await doorkeeper({ users }).judge(request)).toBe(verdict);
  });

  it('let the house’s own packager read, and nothing else', async () => {
    const { judge, keeper } = doorkeeper({ users });
    expect(await judge({ credentials: keeper.house })).toBe('allowed');
    expect(await judge({ credentials: keeper.house, action: 'publish' })).toBe('refused');
  });

  it('never put what was shown into the log', async () => {
    const { judge, log } = doorkeeper({ users });
    await judge({ credentials: shown('guest', 'hunter2'), query: 'token=hunter2' });
    expect(log).toHaveLength(1);
    expect(JSON.stringify(log)).not.toContain('hunter2');
  });

  it.each([
    [{ users: [{ user: 'x', permissions: [{ action: 'read' }] }] }, 'needs a password'],
    [{ users: [{ user: 'any', ips: ['10.0.0.0/33'], permissions: [{ action: 'read' }] }] }, 'no IP address'],
    [{ users: [{ user: 'any', permissions: [{ action: 'read', path: '~(' }] }] }, 'no regular expression'],
    [{ users: [], http: 'http://127.0.0.1/auth' }, 'not both'],
    [{ http: 'ftp://127.0.0.1/auth' }, 'http://'],
    [{ http: 'http://me:pass@127.0.0.1/auth' }, 'must not hold a login'],
  ])('are refused when %j', (access, words) => {
    const parsed = accessSchema.safeParse(access);
    expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(words);
  });
});

describe('what somebody shows', () => {
  it.each([
    [undefined, NOTHING_SHOWN],
    ['', NOTHING_SHOWN],
    [`Basic ${Buffer.from('a:b:c').toString('base64')}`, shown('a', 'b:c')],
    [`basic ${Buffer.from('a:').toString('base64')}`, shown('a', '')],
    ['Basic bm9jb2xvbg==', NOTHING_SHOWN],
    ['Bearer abc', { ...NOTHING_SHOWN, token: 'abc' }],
    ['Digest username="a"', NOTHING_SHOWN],
  ])('%s', (header, expected) => {
    expect(readAuthorization(header)).toEqual(expected);
  });
});
