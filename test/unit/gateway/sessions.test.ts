import { describe, expect, it } from 'vitest';
import { Gatekeeper, sessionCookie, withoutSession } from '../../../src/actors/gateway/access.ts';
import { Sessions } from '../../../src/actors/gateway/sessions.ts';

const TOKEN = 'the right token';

function open() {
  const clock = { nowMs: 0 };
  return { clock, sessions: new Sessions(TOKEN, () => clock.nowMs) };
}

describe('sessions', () => {
  it('are unguessable, each its own, and expire', () => {
    const { clock, sessions } = open();
    const ids = Array.from({ length: 20 }, () => {
      const result = sessions.login(TOKEN, 'a');
      return result.ok ? result.session : '';
    });
    expect(new Set(ids).size).toBe(20);
    expect(ids[0]).toHaveLength(43);
    expect(sessions.role(ids[0] as string)).toBe('admin');
    clock.nowMs = 12 * 3600_000;
    expect(sessions.role(ids[0] as string)).toBeNull();
  });

  it('are kept up to a thousand: the oldest goes', () => {
    const { sessions } = open();
    const first = sessions.login(TOKEN, 'a');
    for (let i = 0; i < 1_000; i += 1) sessions.login(TOKEN, 'a');
    expect(first.ok && sessions.role(first.session)).toBeNull();
  });

  it('refuse an address after five wrong tokens, whichever way they came', () => {
    const { clock, sessions } = open();
    for (let i = 0; i < 3; i += 1) sessions.login('wrong', 'a');
    for (let i = 0; i < 2; i += 1) expect(sessions.accepts('wrong', 'a')).toBe(false);
    clock.nowMs = 20_000;
    expect(sessions.login(TOKEN, 'a')).toEqual({ ok: false, reason: 'too_many', retryAfterS: 40 });
    expect(sessions.accepts(TOKEN, 'a')).toBe(false);
    expect(sessions.login(TOKEN, 'b').ok).toBe(true);
    clock.nowMs = 60_000;
    expect(sessions.login(TOKEN, 'a').ok).toBe(true);
  });

  it('refuse nobody for longer because the clock was set back', () => {
    const { clock, sessions } = open();
    clock.nowMs = 86_400_000;
    for (let i = 0; i < 5; i += 1) sessions.login('wrong', 'a');
    clock.nowMs = 0;
    expect(sessions.login(TOKEN, 'a').ok).toBe(true);
  });

  it('refuse everybody after a hundred wrong tokens from many addresses', () => {
    const { sessions } = open();
    for (let i = 0; i < 100; i += 1) sessions.login('wrong', `address ${i}`);
    expect(sessions.login(TOKEN, 'new')).toMatchObject({ reason: 'too_many' });
  });
});

describe('access', () => {
  const credentials = { cookie: null, authorization: null, queryToken: null, address: 'a' };

  it('does not count wrong tokens where viewing is public', () => {
    const { sessions } = open();
    const gatekeeper = new Gatekeeper(sessions, 'public');
    for (let i = 0; i < 10; i += 1) {
      expect(gatekeeper.check({ ...credentials, queryToken: 'x' })).toEqual({ session: null, mayView: true });
    }
    expect(sessions.login(TOKEN, 'a').ok).toBe(true);
  });

  it('finds the session among other cookies', () => {
    const { sessions } = open();
    const result = sessions.login(TOKEN, 'a');
    const session = result.ok ? result.session : '';
    const gatekeeper = new Gatekeeper(sessions, 'token');
    const cookie = `a=1; stopsign_session=${session}; b=2`;
    expect(gatekeeper.check({ ...credentials, cookie })).toEqual({ session, mayView: true });
    expect(gatekeeper.check({ ...credentials, cookie: `xstopsign_session=${session}` }).mayView).toBe(false);
  });

  it('writes and removes its own cookie only', () => {
    expect(sessionCookie(null, true)).toBe('stopsign_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure');
    expect(withoutSession('a=1; stopsign_session=s; b=2')).toBe('a=1; b=2');
    expect(withoutSession('stopsign_session=s')).toBeNull();
  });
});
