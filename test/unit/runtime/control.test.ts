import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { connectControl, exposeControl } from '../../../src/actors/runtime/control.ts';
import { StopsignError } from '../../../src/errors.ts';

type Api = { double(n: number): Promise<number>; fail(): Promise<never>; hang(): Promise<void> };

function line(deadlineMs = 2_000) {
  const { port1, port2 } = new MessageChannel();
  const closed = new AbortController();
  const api: Api = {
    double: async (n) => 2 * n,
    fail: async () => {
      throw new StopsignError('PORT_TAKEN', 'port 80 is taken.', { remedy: 'Choose another.' });
    },
    hang: () => new Promise(() => {}),
  };
  exposeControl(api, port1);
  const remote = connectControl<Api>(port2, { deadlineMs, closed: closed.signal });
  return { remote, closed, [Symbol.dispose]: () => port1.close() };
}

describe('the control plane', () => {
  it('answers', async () => {
    using l = line();
    expect(await l.remote.double(21)).toBe(42);
  });

  it('keeps code and remedy of an error', async () => {
    using l = line();
    await expect(l.remote.fail()).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: 'port 80 is taken.',
      remedy: 'Choose another.',
    });
  });

  it('does not wait longer than its deadline', async () => {
    using l = line(20);
    await expect(l.remote.hang()).rejects.toMatchObject({ code: 'CONTROL_TIMEOUT' });
  });

  it('fails what is pending when the other side is gone', async () => {
    using l = line();
    const pending = l.remote.hang();
    l.closed.abort();
    await expect(pending).rejects.toMatchObject({ code: 'CONTROL_CLOSED' });
    await expect(l.remote.double(1)).rejects.toMatchObject({ code: 'CONTROL_CLOSED' });
  });

  it('refuses a method that is not there', async () => {
    using l = line();
    const odd = l.remote as unknown as { constructor(): Promise<void>; nothing(): Promise<void> };
    await expect(odd.nothing()).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
