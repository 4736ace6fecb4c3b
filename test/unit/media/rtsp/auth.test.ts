import { describe, expect, it } from 'vitest';
import { Authenticator, parseChallenges } from '../../../../src/media/rtsp/auth.ts';

const answer = (
  header: string,
  user: string,
  password: string,
  cnonce: string,
  method = 'GET',
  uri = '/dir/index.html',
) => {
  const authenticator = new Authenticator({ user, password }, () => cnonce);
  expect(authenticator.accept(parseChallenges([header]))).toBe('retry');
  return authenticator.authorize(method, uri) ?? '';
};

describe('Digest', () => {
  it('gives the answer of RFC 2617 §3.5', () => {
    const header =
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
    const text = answer(header, 'Mufasa', 'Circle Of Life', '0a4f113b');
    expect(text).toContain('response="6629fae49393a05397450978507c4ef1"');
    expect(text).toContain('qop=auth, nc=00000001');
    expect(text).toContain('opaque="5ccc069c403ebaf9f0171e9517f40e41"');
  });

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('gives the answer of RFC 7616 §3.9.1 for %s', (algorithm, response) => {
    const header = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
    const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
    expect(answer(header, 'Mufasa', 'Circle of Life', cnonce)).toContain(`response="${response}"`);
  });

  it('gives the answer of RFC 2069’s form when no qop is offered', () => {
    // md5(md5("Mufasa:testrealm@host.com:CircleOfLife") ":" nonce ":" md5("GET:/dir/index.html"))
    const header = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"';
    const text = answer(header, 'Mufasa', 'CircleOfLife', 'x');
    expect(text).toContain('response="1949323746fe6a43ef61f9606e7febea"');
    expect(text).not.toContain('nc=');
  });

  it('counts the uses of a nonce and prefers SHA-256 over MD5 over Basic', () => {
    const authenticator = new Authenticator({ user: 'u', password: 'p' }, () => 'c');
    authenticator.accept(
      parseChallenges([
        'Basic realm="x"',
        'Digest realm="x", nonce="a", qop="auth", Digest realm="x", nonce="b", qop="auth", algorithm=SHA-256',
      ]),
    );
    expect(authenticator.authorize('A', '/')).toMatch(/nonce="b".*algorithm=SHA-256.*nc=00000001/);
    expect(authenticator.authorize('A', '/')).toContain('nc=00000002');
  });

  it('tries again with a new nonce when the old one is stale, not when the password is wrong', () => {
    const challenge = (nonce: string, more = '') => parseChallenges([`Digest realm="x", nonce="${nonce}"${more}`]);
    const authenticator = new Authenticator({ user: 'u', password: 'p' }, () => 'c');
    expect(authenticator.accept(challenge('1'))).toBe('retry');
    expect(authenticator.accept(challenge('2'))).toBe('refused');
    expect(authenticator.accept(challenge('3', ', stale=true'))).toBe('retry');
    authenticator.confirm();
    expect(authenticator.accept(challenge('4'))).toBe('retry');
    expect(authenticator.accept(challenge('4', ', stale=true'))).toBe('refused');
  });
});

describe('Basic', () => {
  it('gives the answer of RFC 7617 §2, also beyond ASCII', () => {
    expect(answer('Basic realm="WallyWorld"', 'Aladdin', 'open sesame', '')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
    expect(answer('Basic realm="foo", charset="UTF-8"', 'test', '123£', '')).toBe('Basic dGVzdDoxMjPCow==');
  });
});

describe('what cannot be answered', () => {
  it('is told apart', () => {
    expect(new Authenticator(null, () => '').accept(parseChallenges(['Basic realm="x"']))).toBe('no-credentials');
    const authenticator = new Authenticator({ user: 'u', password: 'p' }, () => '');
    expect(
      authenticator.accept(parseChallenges(['Negotiate', 'Digest realm="x", nonce="n", algorithm=SHA-512-256'])),
    ).toBe('unsupported');
    expect(authenticator.authorize('GET', '/')).toBeNull();
  });
});
