/** Cameras that send rubbish, or describe something else than they send: from the socket to the ring, with the real decoder. */
import { readFile } from 'node:fs/promises';
import type net from 'node:net';
import { describe, expect, it } from 'vitest';
import { HubCamera } from '../../../src/actors/decoder/hub-camera.ts';
import { decoderSettings } from '../../../src/actors/decoder/settings.ts';
import type { VideoCodec } from '../../../src/media/access-unit.ts';
import { systemClock } from '../../../src/telemetry/clock.ts';
import { makeClip, splitAccessUnits } from '../../support/clip.ts';
import { openDecoderRoom } from '../../support/decoder-room.ts';
import { H264_SDP, openRtspFixture, rtpFrame } from '../../support/rtsp-fixture.ts';
import { until } from '../../support/until.ts';

const PACKETS = 2_000;
const FRAMES = 30;
const sdp = (...media: string[]) => ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=camera', 't=0 0', ...media, ''].join('\r\n');
const video = (rtpmap: string, fmtp: string[] = []) =>
  sdp('m=video 0 RTP/AVP 96', `a=rtpmap:96 ${rtpmap}`, ...fmtp, 'a=control:track1');
const GOOD_SDP = video('H264/90000');
const WRONG_SPROP = 'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z/////////8=,aP8=';

/** The same numbers for the same seed, [0, 1). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** NAL units of each picture. */
async function clipUnits(codec: VideoCodec): Promise<Buffer[][]> {
  const file = codec === 'h264' ? 'c.h264' : 'c.hevc';
  await using clip = await makeClip({ width: 96, height: 64, frames: FRAMES, codec, file });
  return splitAccessUnits(await readFile(clip.path), codec).map((unit) =>
    Buffer.from(unit)
      .toString('latin1')
      .split('\0\0\x01')
      // The fourth byte of a start code; no NAL unit ends with a zero.
      .map((nal) => Buffer.from(nal.endsWith('\0') ? nal.slice(0, -1) : nal, 'latin1'))
      .filter((nal) => nal.length > 0),
  );
}

function sendUnits(socket: net.Socket, units: readonly (readonly Buffer[])[]): void {
  let sequence = 0;
  for (const [n, nals] of units.entries()) {
    for (const [i, nal] of nals.entries()) socket.write(rtpFrame(sequence++, n * 6_000, i === nals.length - 1, nal));
  }
}

/** Well-formed headers; this share of the payloads says that they are slices or parameter sets. */
function sendRubbish(socket: net.Socket, seed: number, share: number): void {
  const random = dice(seed);
  for (let n = 0, timestamp = 0; n < PACKETS; n += 1) {
    const payload = Buffer.from(Array.from({ length: Math.ceil(random() * 120) }, () => Math.floor(random() * 256)));
    const kinds = [0x65, 0x41, 0x67, 0x68];
    if (random() < share) payload[0] = kinds[Math.floor(random() * kinds.length)] as number;
    if (random() < 0.6) timestamp += 3_000;
    socket.write(rtpFrame(n, timestamp, random() < 0.5, payload));
  }
}

interface Session {
  readonly sdp: string;
  readonly send: (socket: net.Socket) => void;
}

/** A camera whose sessions are these, one after the other, and then the last for ever; a decoder room that reads it. */
async function open(sessions: readonly Session[]) {
  let described = 0;
  const now = () => sessions[Math.min(described, sessions.length) - 1] as Session;
  const fixture = await openRtspFixture({
    answer: ({ method, cseq, url }) => {
      if (method !== 'DESCRIBE') return null;
      described += 1;
      const { sdp: body } = now();
      return `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nContent-Base: ${url}/\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    },
    onPlay: (socket) => now().send(socket),
  });
  // Nobody answers there: what the client met is told as it is.
  const settings = decoderSettings.parse({
    camera: 'cam',
    url: fixture.url,
    hubApi: 'http://127.0.0.1:1',
    sourceStallMs: 400,
  });
  const room = await openDecoderRoom({
    camera: new HubCamera(settings, 0, systemClock),
    maxWidth: 1_920,
    maxHeight: 1_088,
  });
  return {
    room,
    /** Works until the last session's pictures are there. */
    async untilGood(): Promise<void> {
      const good = async () => {
        await room.work();
        return room.frames.filter(({ width, height }) => width === 96 && height === 64).length >= FRAMES;
      };
      await until(good, { timeoutMs: 15_000, what: 'the pictures of a good session' });
    },
    [Symbol.asyncDispose]: async () => {
      await room[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

const isSentence = (text: string) => /^[\w'].{20,}\.$/s.test(text);

describe('a hostile camera', () => {
  it.each([
    [1, 0],
    [2, 0.5],
    [3, 1],
    [4, 1],
  ] as const)(
    'that sends rubbish in good packets gets a sentence, and a good session works after it (seed %i, %d of it like video)',
    async (seed, share) => {
      const units = await clipUnits('h264');
      await using it = await open([
        { sdp: H264_SDP, send: (socket) => sendRubbish(socket, seed, share) },
        { sdp: GOOD_SDP, send: (socket) => sendUnits(socket, units) },
      ]);
      await it.untilGood();
      const { room } = it;
      expect(room.details.length).toBeGreaterThan(0);
      expect(room.details.filter((text) => !isSentence(text))).toEqual([]);
      expect(room.row.get('gauge0')).toBe(1);
    },
  );

  it('that sends faster than anybody decodes fills a bounded queue', async () => {
    const units = await clipUnits('h264');
    const slices = Array.from({ length: PACKETS }, (_, n) => [Buffer.from([0x65, 0x88, n & 255, n >> 8, 1])]);
    await using it = await open([
      { sdp: H264_SDP, send: (socket) => sendUnits(socket, slices) },
      { sdp: GOOD_SDP, send: (socket) => sendUnits(socket, units) },
    ]);
    const { row } = it.room;
    await until(() => row.get('in') >= PACKETS / 4, { what: 'a good part of what was sent' });
    expect(row.get('in') - row.get('dropped')).toBeLessThanOrEqual(64);
    await it.untilGood();
  });

  it.each<[string, string, VideoCodec, boolean, RegExp]>([
    ['has no video', sdp('m=audio 0 RTP/AVP 0', 'a=control:track1'), 'h264', true, /no video track/],
    ['is empty', '', 'h264', true, /no video track/],
    ['calls H.265 H.264', GOOD_SDP, 'h265', true, /No complete picture came/],
    ['calls H.264 H.265', video('H265/90000'), 'h264', true, /No complete picture came|is broken/],
    ['has wrong parameter sets, and none come in the stream', video('H264/90000', [WRONG_SPROP]), 'h264', false, /./],
  ])(
    'whose description %s gets a sentence, and a good session works after it',
    async (_, wrong, codec, withSets, said) => {
      const [units, wrongUnits] = [await clipUnits('h264'), await clipUnits(codec)];
      const sent = withSets
        ? wrongUnits
        : wrongUnits.map((nals) => nals.filter((nal) => ![7, 8].includes((nal[0] as number) & 31)));
      await using it = await open([
        { sdp: wrong, send: (socket) => sendUnits(socket, sent) },
        { sdp: GOOD_SDP, send: (socket) => sendUnits(socket, units) },
      ]);
      await it.untilGood();
      expect(it.room.details[0]).toMatch(said);
      expect(it.room.details.filter((text) => !isSentence(text))).toEqual([]);
      expect(it.room.row.get('gauge0')).toBe(1);
    },
  );

  it.each([
    ['has no parameter sets', GOOD_SDP],
    ['has wrong parameter sets', video('H264/90000', [WRONG_SPROP])],
    ['names a clock rate of 8 kHz', video('H264/8000')],
    ['names a clock rate of 0', video('H264/0')],
  ])('whose description %s is read all the same: the stream says what is right', async (_, description) => {
    const units = await clipUnits('h264');
    await using it = await open([{ sdp: description, send: (socket) => sendUnits(socket, units) }]);
    await it.untilGood();
    expect(it.room.frames.map(({ rtp }) => rtp)).toEqual(units.map((_unit, n) => n * 6_000));
  });
});
