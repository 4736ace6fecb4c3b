/** The system clock is set back by an hour: viewers keep getting their status, and slow ones are still found out. */
import { expect, test } from 'vitest';
import { LatencyWindow } from '../../src/actors/gateway/latency-window.ts';
import { LiveClient, SLOW_MS } from '../../src/actors/gateway/live-client.ts';
import { RateMeter } from '../../src/actors/gateway/rate-meter.ts';
import { openGateway } from '../integration/gateway/gateway-fixture.ts';

const HOUR_MS = 3_600_000;

test('the status comes at once, not after an hour', async () => {
  await using gateway = await openGateway();
  await gateway.advance(1_000);
  const viewer = gateway.live();
  await viewer.waitFor('status');
  const seen = viewer.ofType('status').length;
  await gateway.advance(-HOUR_MS);
  await gateway.advance(1_000);
  await viewer.waitFor('status', seen + 2);
});

test('a viewer that answers no ping is late two seconds after, and too slow ten seconds later', () => {
  const socket = { send: () => {}, bufferedBytes: () => 0, ping: () => {}, end: () => {} };
  const client = new LiveClient(socket);
  client.tick(HOUR_MS);
  expect(client.tick(0)).toBe('ok');
  client.tick(2_000);
  expect(client.heldBack).toBe(true);
  client.tick(-HOUR_MS);
  expect(client.tick(-HOUR_MS + SLOW_MS + 1)).toBe('slow');
});

test('rates and latencies are measured anew', () => {
  const rate = new RateMeter();
  rate.read(HOUR_MS, 100);
  rate.read(0, 130);
  rate.read(1_000, 160);
  expect(rate.perSecond()).toBe(30);
  const latency = new LatencyWindow();
  latency.add(HOUR_MS, 900);
  latency.add(0, 10);
  expect(latency.percentiles(1_000)).toEqual({ p50: 10, p95: 10, count: 1 });
});
