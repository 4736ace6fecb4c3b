/** One address can neither hold streams without end nor hide a hundred calls in one request. */
import { expect, test } from 'vitest';
import { openGateway } from '../integration/gateway/gateway-fixture.ts';
import { until } from '../support/until.ts';

const MAX_STREAMS = 16;

test('the seventeenth stream of an address is refused with a sentence; one that ends makes room', async () => {
  await using gateway = await openGateway();
  const open = async (address = '192.0.2.1') => {
    const abort = new AbortController();
    const response = await fetch(`${gateway.origin}/trpc/status.watch`, {
      headers: { 'x-forwarded-for': address },
      signal: abort.signal,
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!/event: serialized-error|"tsUtc"/.test(text)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += Buffer.from(value).toString();
    }
    return { text, close: () => abort.abort() };
  };
  const streams = await Promise.all(Array.from({ length: MAX_STREAMS }, () => open()));
  for (const { text } of streams) expect(text).toContain('"tsUtc"');
  const { text } = await open();
  expect(text).toContain('TOO_MANY_REQUESTS');
  expect(text).toContain('Too many streams are open from this address.');
  expect((await open('192.0.2.2')).text).toContain('"tsUtc"');

  streams[0]?.close();
  await until(async () => (await open()).text.includes('"tsUtc"'), { what: 'room for another stream' });
});

test('a batch holds at most twenty calls', async () => {
  await using gateway = await openGateway();
  const batch = (calls: number) => {
    const paths = Array.from({ length: calls }, () => 'admin.me').join(',');
    return fetch(`${gateway.origin}/trpc/${paths}?batch=1&input=${encodeURIComponent('{}')}`);
  };
  expect((await batch(20)).status).toBe(200);
  const refused = await batch(21);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('Batch call exceeds maximum size');
});
