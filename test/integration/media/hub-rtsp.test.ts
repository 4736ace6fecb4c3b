/** The whole way: ffmpeg → hub → RtspClient, with a witness on the publisher's wire. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clip, makeClip } from '../../support/clip.ts';
import { openHub, pathInfo, pushClip, untilReady } from '../../support/hub.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { openRtspTap } from '../../support/rtsp-tap.ts';
import { until } from '../../support/until.ts';

const portOf = (url: string) => Number(new URL(url).port);

describe.each(['h264', 'h265'] as const)('a stream of %s through the hub', (codec) => {
  let clip: Clip;
  beforeAll(async () => {
    clip = await makeClip({ codec, fps: 25, frames: 50 });
  });
  afterAll(() => clip[Symbol.asyncDispose]());

  it('gives access units with the publisher’s own rtp timestamps, whole and in order, over a loop of the clip', async () => {
    await using hub = await openHub();
    await using tap = await openRtspTap(portOf(hub.urls.rtsp));
    await using _push = pushClip(clip.path, `rtsp://${tap.host}/cam`);
    await untilReady(hub.urls, 'cam');
    await using reader = recordRtsp(`${hub.urls.rtsp}/cam`);
    await until(() => reader.units.length >= 75, { timeoutMs: 20_000, what: '75 access units' });

    const units = reader.units.slice(0, 75);
    const first = tap.timestamps.indexOf(units[0]?.rtp ?? -1);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(units.map((unit) => unit.rtp)).toEqual(tap.timestamps.slice(first, first + units.length));
    expect(units[0]?.key).toBe(true);
    const keys = units.flatMap((unit, i) => (unit.key ? [i] : []));
    expect(keys).toEqual([0, 25, 50]);
    expect(units.every((unit) => unit.codec === codec && unit.epoch === 1)).toBe(true);
    expect(reader.client.counters).toMatchObject({ sequenceGaps: 0, malformed: 0, droppedUnits: 0, reconnects: 0 });
  });

  it('puts every key unit behind its parameter sets', async () => {
    await using hub = await openHub();
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using reader = recordRtsp(`${hub.urls.rtsp}/cam`);
    const unit = await until(() => reader.units.find((candidate) => candidate.key), {
      timeoutMs: 15_000,
      what: 'a key',
    });
    const types = nalTypes(Buffer.from(unit.data), codec);
    const wanted = codec === 'h264' ? [7, 8, 5] : [32, 33, 34];
    const at = wanted.map((type) => types.indexOf(type));
    expect(at.every((index) => index >= 0)).toBe(true);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  it('tells the capture time from a sender report that comes with the first packet', async () => {
    await using hub = await openHub();
    await using tap = await openRtspTap(portOf(hub.urls.rtsp));
    await using _push = pushClip(clip.path, `rtsp://${tap.host}/cam`);
    await untilReady(hub.urls, 'cam');
    await using reader = recordRtsp(`${hub.urls.rtsp}/cam`);
    await until(() => reader.units.length >= 90, { timeoutMs: 15_000, what: '90 units' });
    expect(reader.reports.length).toBeGreaterThanOrEqual(1);
    expect(reader.units.every((unit) => unit.utcSource === 'sender-report')).toBe(true);
    // What the publisher says, and no more: how late or early that is against the wall clock is ffmpeg's affair. It starts its
    // clock when it writes the head, and sends by the one that began when it opened the clip: the pictures come that much early.
    const said = tap.reports.at(-1) ?? { rtp: 0, utcUs: 0 };
    const errorsUs = reader.units
      .slice(65)
      .map((unit) => unit.utcUs - (said.utcUs + ((unit.rtp - said.rtp) | 0) * (100 / 9)));
    expect(tap.reports.length).toBeGreaterThan(0);
    expect(Math.max(...errorsUs.map(Math.abs))).toBeLessThan(2_000);
    const { rtp, utcUs } = reader.reports.at(-1) ?? { rtp: 0, utcUs: 0 };
    const unit = reader.units.at(-1);
    // The mapping is the report's: 11.1 µs a tick.
    expect(Math.abs((unit?.utcUs ?? 0) - (utcUs + (((unit?.rtp ?? 0) - rtp) | 0) * (100 / 9)))).toBeLessThan(60_000);
    const gaps = reader.units.slice(1).map((next, i) => next.utcUs - (reader.units[i]?.utcUs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(0);
  });
});

describe('the hub as RTSP server', () => {
  let clip: Clip;
  beforeAll(async () => {
    clip = await makeClip({ fps: 25, frames: 50 });
  });
  afterAll(() => clip[Symbol.asyncDispose]());

  it('gives a new epoch, and an explanation in between, when the publisher is killed and comes back', async () => {
    await using hub = await openHub();
    const push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using reader = recordRtsp(`${hub.urls.rtsp}/cam`, { firstEpoch: 7 });
    await until(() => reader.units.length > 5, { timeoutMs: 15_000, what: 'units of the first session' });
    await push.kill();
    const state = await until(() => reader.states.find((s) => s.detail !== null), { what: 'the end to be noticed' });
    expect(state).toMatchObject({ state: 'connecting', error: { code: 'STREAM_UNAVAILABLE' } });
    await until(() => reader.states.at(-1)?.detail?.includes('404'), { what: 'no stream in between' });
    await using _again = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await until(() => reader.units.at(-1)?.epoch === 8, { timeoutMs: 15_000, what: 'the second session' });
    expect(new Set(reader.units.map((unit) => unit.epoch))).toEqual(new Set([7, 8]));
    expect(reader.states.at(-1)).toEqual({ state: 'online', detail: null });
  });

  it('lets a second publisher take the path over', async () => {
    await using hub = await openHub();
    await using _first = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    const before = (await pathInfo(hub.urls, 'cam'))?.['source'] as { id: string };
    await using _second = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await until(
      async () => {
        const source = (await pathInfo(hub.urls, 'cam'))?.['source'] as { id: string } | undefined;
        return source && source.id !== before.id;
      },
      { timeoutMs: 10_000, what: 'the second publisher' },
    );
  });

  it('pulls a camera from another hub, keeps the timestamps, and says why it cannot', async () => {
    await using far = await openHub();
    await using near = await openHub({ sources: [{ name: 'front', url: `${far.urls.rtsp}/cam` }] });
    await until(async () => String((await pathInfo(near.urls, 'front'))?.['sourceError']).includes('no stream'), {
      what: 'the reason',
    });
    await using tap = await openRtspTap(portOf(far.urls.rtsp));
    await using _push = pushClip(clip.path, `rtsp://${tap.host}/cam`);
    await untilReady(near.urls, 'front');
    await using reader = recordRtsp(`${near.urls.rtsp}/front`);
    await until(() => reader.units.length >= 25, { timeoutMs: 15_000, what: 'units through two hubs' });
    const first = tap.timestamps.indexOf(reader.units[0]?.rtp ?? -1);
    expect(reader.units.slice(0, 25).map((unit) => unit.rtp)).toEqual(tap.timestamps.slice(first, first + 25));
    expect(await pathInfo(near.urls, 'front')).toMatchObject({
      confName: 'front',
      ready: true,
      sourceError: null,
      source: { type: 'rtspSource' },
      tracks: ['H264'],
      readers: [{ type: 'rtspSession' }],
    });
  });

  it('does not let anybody publish over a configured camera', async () => {
    await using hub = await openHub({ sources: [{ name: 'cam', url: 'rtsp://127.0.0.1:9/x' }] });
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await until(() => hub.log.find((line) => line.message === 'publisher refused'), {
      timeoutMs: 10_000,
      what: 'the refusal',
    });
  });

  it('shows its streams in MediaMTX’s words', async () => {
    await using hub = await openHub();
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    const list = await (await fetch(`${hub.urls.api}/v3/paths/list`)).json();
    expect(list).toMatchObject({
      itemCount: 1,
      pageCount: 1,
      items: [{ name: 'cam', confName: 'all_others', ready: true }],
    });
    expect(await (await fetch(`${hub.urls.api}/v3/info`)).json()).toHaveProperty('version');
    await using _reader = recordRtsp(`${hub.urls.rtsp}/cam`);
    const metrics = async () => (await fetch(`${hub.urls.api}/metrics`)).text();
    await until(
      async () => /^paths_readers\{name="cam",state="ready",readerType="rtspSession"\} 1$/m.test(await metrics()),
      {
        what: 'the reader in the metrics',
      },
    );
    await until(async () => /^paths_inbound_bytes\{name="cam",state="ready"\} [1-9]\d+$/m.test(await metrics()), {
      what: 'bytes of the publisher in the metrics',
    });
    expect(await metrics()).toMatch(/^stopsign_hub_left_out_packets\{name="cam",state="ready"\} 0$/m);
    const missing = await fetch(`${hub.urls.api}/v3/paths/get/none`);
    expect([missing.status, await missing.json()]).toEqual([404, { status: 'error', error: 'path not found' }]);
  });

  it('names the port and the remedy when a port is taken, and leaves none open', async () => {
    await using hub = await openHub();
    const taken = portOf(hub.urls.hls);
    await expect(openHub({ hlsPort: taken })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(String(taken)),
      remedy: expect.stringContaining('hls_port'),
    });
  });
});

/** Types of the NAL units of an Annex B unit with four-byte start codes. */
function nalTypes(data: Buffer, codec: 'h264' | 'h265'): number[] {
  const types: number[] = [];
  for (let at = data.indexOf('00000001', 0, 'hex'); at >= 0; at = data.indexOf('00000001', at + 4, 'hex')) {
    const header = data.readUInt8(at + 4);
    types.push(codec === 'h264' ? header & 31 : (header >> 1) & 63);
  }
  return types;
}
