/** The client against GStreamer's RTSP server, another author's idea of the standard. Skipped where it is not installed. */
import { describe, expect, it } from 'vitest';
import type { RtpTransport } from '../../../src/media/rtsp/rtsp-session.ts';
import { findGstPython, openGstServer } from '../../support/gst-rtsp-server.ts';
import { openHub, pathInfo } from '../../support/hub.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { until } from '../../support/until.ts';

const python = findGstPython();

describe.skipIf(python === null)('GStreamer’s RTSP server', () => {
  it.each(['h264', 'h265'] as const)(
    'gives %s, behind audio and a Digest login, with sender reports',
    async (codec) => {
      await using server = await openGstServer(python ?? '', codec, true);
      await using reader = recordRtsp(`rtsp://viewer:p%40ss%2Fword@127.0.0.1:${server.port}/stream`);
      await until(() => reader.units.length >= 60 && reader.reports.length > 0, {
        timeoutMs: 20_000,
        what: '60 pictures and a sender report',
      });
      const { units } = reader;
      expect(units.every((unit) => unit.codec === codec && unit.epoch === 1)).toBe(true);
      expect(units.filter((unit) => unit.key).length).toBeGreaterThanOrEqual(2);
      const stepsTicks = units.slice(1).map((unit, n) => (unit.rtp - (units[n]?.rtp ?? 0)) | 0);
      expect(stepsTicks.every((ticks) => Math.abs(ticks - 3_600) <= 90)).toBe(true);
      expect(reader.client.counters).toMatchObject({ sequenceGaps: 0, malformed: 0, droppedUnits: 0, reconnects: 0 });
      expect(Math.abs((units.at(-1)?.utcUs ?? 0) - (units.at(-1)?.receivedUs ?? 0))).toBeLessThan(2e6);
    },
  );

  it('refuses a wrong password', async () => {
    await using server = await openGstServer(python ?? '', 'h264', true);
    await using reader = recordRtsp(`rtsp://viewer:wrong@127.0.0.1:${server.port}/stream`);
    const state = await until(() => reader.states.find(({ error }) => error), { what: 'the refusal' });
    expect(state.error?.code).toBe('STREAM_UNAUTHORIZED');
  });

  it.each<RtpTransport>(['tcp', 'udp'])('is pulled by the hub over %s', async (transport) => {
    await using server = await openGstServer(python ?? '', 'h264');
    const url = `rtsp://127.0.0.1:${server.port}/stream`;
    await using hub = await openHub({ sources: [{ name: 'gst', url, transport }] });
    await until(async () => (await pathInfo(hub.urls, 'gst'))?.['ready'], { timeoutMs: 15_000, what: 'the path' });
    await using reader = recordRtsp(`${hub.urls.rtsp}/gst`);
    await until(() => reader.units.length >= 50, { timeoutMs: 15_000, what: '50 pictures' });
    expect(reader.client.counters).toMatchObject({ sequenceGaps: 0, malformed: 0, reconnects: 0 });
    expect(hub.log.some(({ message }) => message.includes('UDP'))).toBe(false);
  });
});
