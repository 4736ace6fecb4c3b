/** What browsers get from the hub: WHEP (with werift as the browser) and HLS (with ffprobe as the player). */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtcpSrPacket } from 'werift';
import { ntpToUtcUs } from '../../../src/media/rtsp/rtcp.ts';
import { type Clip, makeClip } from '../../support/clip.ts';
import { openHub, pathInfo, pushClip, untilReady } from '../../support/hub.ts';
import { recordRtsp } from '../../support/rtsp-recorder.ts';
import { openRtspTap } from '../../support/rtsp-tap.ts';
import { until } from '../../support/until.ts';
import { openWeriftViewer } from '../../support/werift-offer.ts';

let clip: Clip;
let clip265: Clip;
beforeAll(async () => {
  clip = await makeClip({ fps: 25, frames: 50 });
  clip265 = await makeClip({ codec: 'h265', fps: 25, frames: 50 });
});
afterAll(async () => {
  await clip[Symbol.asyncDispose]();
  await clip265[Symbol.asyncDispose]();
});

const portOf = (url: string) => Number(new URL(url).port);

interface Viewer extends AsyncDisposable {
  readonly packets: { timestamp: number; marker: boolean; payload: Buffer }[];
  readonly reports: { utcUs: number; rtp: number }[];
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

async function watch(whepUrl: string): Promise<Viewer> {
  const packets: { timestamp: number; marker: boolean; payload: Buffer }[] = [];
  const reports: { utcUs: number; rtp: number }[] = [];
  const { peer, offer } = await openWeriftViewer((peer) => {
    peer.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ header, payload }) => {
        packets.push({ timestamp: header.timestamp, marker: header.marker, payload: Buffer.from(payload) });
      });
      track.onReceiveRtcp.subscribe((packet) => {
        if (!(packet instanceof RtcpSrPacket)) return;
        const { ntpTimestamp, rtpTimestamp } = packet.senderInfo;
        const utcUs = ntpToUtcUs(Number(ntpTimestamp >> 32n), Number(ntpTimestamp & 0xffff_ffffn));
        reports.push({ utcUs, rtp: rtpTimestamp });
      });
    });
  });
  const response = await fetch(whepUrl, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: offer,
  });
  const body = await response.text();
  if (response.status === 201) await peer.setRemoteDescription({ type: 'answer', sdp: body });
  return {
    packets,
    reports,
    status: response.status,
    headers: response.headers,
    body,
    [Symbol.asyncDispose]: () => peer.close(),
  };
}

describe('WHEP', () => {
  it('gives the publisher’s rtp timestamps, beginning with a key picture, and right sender reports', async () => {
    await using hub = await openHub();
    await using tap = await openRtspTap(portOf(hub.urls.rtsp));
    await using _push = pushClip(clip.path, `rtsp://${tap.host}/cam`);
    await untilReady(hub.urls, 'cam');
    await using reader = recordRtsp(`${hub.urls.rtsp}/cam`);
    await using viewer = await watch(`${hub.urls.webrtc}/cam/whep`);
    expect(viewer.status).toBe(201);
    expect(viewer.headers.get('location')).toMatch(/^\/cam\/whep\/[0-9a-f-]{36}$/);
    expect(viewer.headers.get('etag')).toBe('*');
    const ends = () => viewer.packets.filter((packet) => packet.marker).map((packet) => packet.timestamp);
    await until(() => ends().length >= 40 && viewer.reports.length >= 2, { timeoutMs: 20_000, what: '40 pictures' });
    const first = tap.timestamps.indexOf(ends()[0] ?? -1);
    expect(ends().slice(0, 40)).toEqual(tap.timestamps.slice(first, first + 40));
    // SPS first.
    const header = viewer.packets[0]?.payload.readUInt8(0) ?? 0;
    expect([7, 24]).toContain(header & 31);
    // The browser's mapping is the analyzer's.
    const { utcUs, rtp } = viewer.reports.at(-1) ?? { utcUs: 0, rtp: 0 };
    const unit = reader.units.at(-1);
    const expected = utcUs + (((unit?.rtp ?? 0) - rtp) | 0) * (100 / 9);
    expect(Math.abs((unit?.utcUs ?? 0) - expected)).toBeLessThan(100_000);
  });

  it('frees the viewer when he leaves, and when the stream ends', async () => {
    await using hub = await openHub();
    const push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    const readers = async () => ((await pathInfo(hub.urls, 'cam'))?.['readers'] as { type: string }[]) ?? [];
    await using viewer = await watch(`${hub.urls.webrtc}/cam/whep`);
    await until(async () => (await readers()).some(({ type }) => type === 'webRTCSession'), {
      timeoutMs: 10_000,
      what: 'the viewer',
    });
    const url = `${hub.urls.webrtc}${viewer.headers.get('location')}`;
    const patch = await fetch(url, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/trickle-ice-sdpfrag' },
      body: 'a=mid:0\r\na=candidate:1 1 udp 2130706431 b4d5.local 50000 typ host\r\n',
    });
    expect(patch.status).toBe(204);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(404);
    await until(async () => (await readers()).length === 0, { what: 'nobody to watch' });

    await using second = await watch(`${hub.urls.webrtc}/cam/whep`);
    await until(() => second.packets.length > 0, { timeoutMs: 10_000, what: 'the second viewer' });
    await push.kill();
    await until(() => hub.log.filter((line) => line.message === 'viewer gone').length === 2, {
      what: 'the viewer’s end',
    });
  });

  it('answers as MediaMTX does when it cannot', async () => {
    await using hub = await openHub();
    await using _push = pushClip(clip265.path, `${hub.urls.rtsp}/hevc`);
    await untilReady(hub.urls, 'hevc');
    await using none = await watch(`${hub.urls.webrtc}/none/whep`);
    expect([none.status, JSON.parse(none.body)]).toEqual([
      404,
      { status: 'error', error: "no stream is available on path 'none'" },
    ]);
    await using hevc = await watch(`${hub.urls.webrtc}/hevc/whep`);
    expect(hevc.status).toBe(400);
    expect(JSON.parse(hevc.body)).toMatchObject({ status: 'error', error: expect.stringContaining('H265') });
    const text = await fetch(`${hub.urls.webrtc}/hevc/whep`, { method: 'POST', body: 'v=0' });
    expect(text.status).toBe(400);
    const preflight = await fetch(`${hub.urls.webrtc}/hevc/whep`, {
      method: 'OPTIONS',
      headers: { 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('OPTIONS, GET, POST, PATCH, DELETE');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type, If-Match');
    const junk = await fetch(`${hub.urls.webrtc}/none/whep/xyz`, { method: 'DELETE' });
    expect(junk.status).toBe(400);
  });

  it('survives an offer that makes no sense', async () => {
    await using hub = await openHub();
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    for (const body of ['', 'v=0\r\n', 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n']) {
      const response = await fetch(`${hub.urls.webrtc}/cam/whep`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp' },
        body,
      });
      expect(response.status).toBe(400);
    }
  });
});

describe('HLS', () => {
  it.each(['h264', 'h265'] as const)('serves %s segments that play, dated by the sender’s time', async (codec) => {
    await using hub = await openHub();
    await using _push = pushClip((codec === 'h264' ? clip : clip265).path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    await using reader = recordRtsp(`${hub.urls.rtsp}/cam`);
    const base = `${hub.urls.hls}/cam`;
    const playlist = async () => (await fetch(`${base}/index.m3u8`)).text();
    const text = await until(
      async () => {
        const now = await playlist();
        return now.split('#EXTINF').length > 3 ? now : null;
      },
      { timeoutMs: 25_000, everyMs: 200, what: 'three segments' },
    );
    const names = [...text.matchAll(/^seg\d+\.m4s$/gm)].map(([name]) => name);
    const durations = [...text.matchAll(/#EXTINF:([\d.]+),/g)].map(([, s]) => Number(s));
    expect(durations.slice(1)).toEqual(durations.slice(1).map(() => expect.closeTo(1, 1)));
    const dates = [...text.matchAll(/PROGRAM-DATE-TIME:(.*)/g)].map(([, date]) => Date.parse(date ?? ''));
    expect(dates).toHaveLength(names.length);

    // A segment begins with a key picture; its date is that picture's capture time.
    const keyTimesMs = reader.units.filter((unit) => unit.key).map((unit) => unit.utcUs / 1000);
    const errors = dates.slice(1).map((date) => Math.min(...keyTimesMs.map((time) => Math.abs(time - date))));
    // ffmpeg and the playlist round to milliseconds; a frame is 40.
    expect(Math.max(...errors)).toBeLessThanOrEqual(2);

    const dir = await mkdtemp(join(tmpdir(), 'stopsign-hls-'));
    try {
      const parts = await Promise.all(
        ['init.mp4', ...names.slice(-2)].map(async (name) =>
          Buffer.from(await (await fetch(`${base}/${name}`)).arrayBuffer()),
        ),
      );
      await writeFile(join(dir, 'x.mp4'), Buffer.concat(parts));
      const { stdout } = await promisify(execFile)('ffprobe', [
        ...['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,codec_tag_string,nb_read_frames'],
        ...['-of', 'json', join(dir, 'x.mp4')],
      ]);
      expect(JSON.parse(stdout).streams).toEqual([
        expect.objectContaining({
          codec_name: codec === 'h264' ? 'h264' : 'hevc',
          codec_tag_string: codec === 'h264' ? 'avc1' : 'hvc1',
          nb_read_frames: '50',
        }),
      ]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('says so when there is no stream, when ffmpeg is missing, and stops when nobody asks', async () => {
    await using hub = await openHub({ hlsIdleMs: 500 });
    const none = await fetch(`${hub.urls.hls}/cam/index.m3u8`);
    expect([none.status, await none.json()]).toEqual([
      404,
      { status: 'error', error: "no stream is available on path 'cam'" },
    ]);
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    expect((await fetch(`${hub.urls.hls}/cam/index.m3u8`)).status).toBe(200);
    await until(() => hub.log.some((line) => line.message === 'HLS stopped'), { what: 'the packager to stop' });

    await using bare = await openHub({ ffmpeg: '/nowhere/ffmpeg' });
    await using _other = pushClip(clip.path, `${bare.urls.rtsp}/cam`);
    await untilReady(bare.urls, 'cam');
    const missing = await fetch(`${bare.urls.hls}/cam/index.m3u8`);
    expect(missing.status).toBe(500);
    expect(await missing.json()).toMatchObject({
      error: expect.stringMatching(/needs ffmpeg.*apt-get install ffmpeg/),
    });
  });
});
