/** Which link is broken, as the analyzer says it: the camera, the hub, or the way between hub and analyzer. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HubCamera } from '../../../src/actors/decoder/hub-camera.ts';
import { decoderSettings } from '../../../src/actors/decoder/settings.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';
import { openHub } from '../../support/hub.ts';
import { until } from '../../support/until.ts';

/** What the analyzer says first when the stream does not come. */
async function complaint(rtsp: string, hubApi: string): Promise<string> {
  const settings = decoderSettings.parse({ camera: 'front', url: `${rtsp}/front`, hubApi });
  const camera = new HubCamera(settings, 0, systemClock);
  const details: string[] = [];
  camera.open({
    onUnit: () => {},
    onSenderReport: () => {},
    onState: (_, detail) => {
      if (detail !== null) details.push(detail);
    },
  });
  try {
    return await until(() => details[0], { timeoutMs: 10_000, what: 'a reason' });
  } finally {
    await camera.close();
  }
}

/** A control API that answers as MediaMTX does, which does not say why. */
async function openApi(status: number, body: unknown) {
  const server = http.createServer((request, response) => {
    const isAsked = request.url === '/v3/paths/get/front';
    response.writeHead(isAsked ? status : 400, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const NO_STREAM = 'The hub runs and gets no stream of front.';

describe('the broken link', () => {
  it('is the camera, and the built-in hub says why', async () => {
    await using hub = await openHub({ sources: [{ name: 'front', url: 'rtsp://127.0.0.1:9/stream' }] });
    await until(() => hub.log.some(({ fields }) => fields['path'] === 'front'), { what: 'the hub’s own failure' });
    expect(await complaint(hub.urls.rtsp, hub.urls.api)).toContain('127.0.0.1:9/stream');
  });

  it('is the camera, when nobody publishes', async () => {
    await using hub = await openHub();
    expect(await complaint(hub.urls.rtsp, hub.urls.api)).toContain(NO_STREAM);
  });

  it.each([
    ['knows the path and has no stream', 200, { name: 'front', ready: false, available: false, source: null }],
    ['does not know the path', 404, { status: 'error', error: 'path not found' }],
  ])('is the camera, when MediaMTX %s', async (_, status, body) => {
    await using hub = await openHub();
    await using api = await openApi(status, body);
    expect(await complaint(hub.urls.rtsp, api.url)).toContain(NO_STREAM);
  });

  it('is the way to the analyzer, when the hub has the stream', async () => {
    await using hub = await openHub();
    await using api = await openApi(200, { name: 'front', ready: true, available: true });
    const words = await complaint(hub.urls.rtsp, api.url);
    expect(words).toMatch(/^The hub has the stream of front, and the analyzer does not get it\. .*404/);
  });

  it('is the hub, when it is not there', async () => {
    const words = await complaint('rtsp://127.0.0.1:9', 'http://127.0.0.1:9');
    expect(words).toContain('127.0.0.1:9');
    expect(words).not.toContain('The hub runs');
  });

  it('is not guessed, when the hub does not let us ask', async () => {
    await using hub = await openHub();
    await using api = await openApi(401, { status: 'error', error: 'authentication error' });
    expect(await complaint(hub.urls.rtsp, api.url)).toMatch(/There is no stream at .*404/);
  });
});
