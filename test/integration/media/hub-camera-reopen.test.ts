/** A session that goes on and shows nothing new is ended, and another one brings the stream again under the next epoch. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HubCamera } from '../../../src/actors/decoder/hub-camera.ts';
import { decoderSettings } from '../../../src/actors/decoder/settings.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';
import { openHub, pushClip, untilReady } from '../../support/hub.ts';
import { projectRoot } from '../../support/shared.ts';
import { until } from '../../support/until.ts';

test('the hub’s camera can be opened anew', async () => {
  await using hub = await openHub();
  await using _push = pushClip(join(projectRoot(), 'demo/demo.mp4'), `${hub.urls.rtsp}/demo`);
  await untilReady(hub.urls, 'demo');
  const settings = decoderSettings.parse({ camera: 'demo', url: `${hub.urls.rtsp}/demo`, hubApi: hub.urls.api });
  const camera = new HubCamera(settings, 0, systemClock);
  const epochs = new Set<number>();
  camera.open({ onUnit: ({ epoch }) => epochs.add(epoch), onSenderReport: () => {}, onState: () => {} });
  try {
    await until(() => epochs.size === 1, { what: 'a first session', timeoutMs: 10_000 });
    camera.reopen();
    await until(() => epochs.size === 2, { what: 'a second session', timeoutMs: 10_000 });
    const [first = 0, second = 0] = [...epochs];
    expect(second).toBeGreaterThan(first);
    expect(settings.frozen.afterS).toBe(60);
  } finally {
    await camera.close();
  }
});
