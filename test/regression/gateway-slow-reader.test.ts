/** A stream to a slow reader waits often: each wait must leave nothing behind. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Exchange } from '../../src/actors/gateway/exchange.ts';
import { until } from '../support/until.ts';

/** A response that is full after every write. */
function fullResponse() {
  let onWritable: (() => void) | null = null;
  let onAborted: () => void = () => {};
  const seen = { writes: 0 };
  const res = {
    getRemoteAddressAsText: () => new ArrayBuffer(0),
    onAborted(listener: () => void) {
      onAborted = listener;
    },
    cork: (work: () => void) => work(),
    writeStatus: () => {},
    writeHeader: () => {},
    write() {
      seen.writes += 1;
      return false;
    },
    onWritable(listener: () => void) {
      onWritable = listener;
    },
    end: () => {},
  };
  const req = { getCaseSensitiveMethod: () => 'GET', getUrl: () => '/', getQuery: () => '', forEach: () => {} };
  return {
    seen,
    exchange: new Exchange(res as unknown as HttpResponse, req as unknown as HttpRequest, { maxBodyBytes: 1 }),
    /** True when it was waited for. */
    drain() {
      const listener = onWritable;
      onWritable = null;
      listener?.();
      return listener !== null;
    },
    abort: () => onAborted(),
  };
}

const endless = () => new ReadableStream<Uint8Array>({ pull: (to) => to.enqueue(new Uint8Array(1)) });

test('a hundred waits leave one listener, and a client that goes ends the wait', async () => {
  const response = fullResponse();
  const { signal } = response.exchange;
  const streaming = response.exchange.stream(200, [], endless());
  for (let wait = 0; wait < 100; wait += 1) await until(response.drain, { what: 'the next wait', everyMs: 0 });
  expect(response.seen.writes).toBeGreaterThanOrEqual(100);
  // Cancelling the source, and the wait that is on.
  expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(2);
  response.abort();
  await streaming;
});
