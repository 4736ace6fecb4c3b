/** Real captures with faults in them, through everything that reads bytes from a network. */

import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopsignError } from '../../../../src/errors.ts';
import type { AccessUnit, VideoCodec } from '../../../../src/media/access-unit.ts';
import { Stream } from '../../../../src/media/hub/stream.ts';
import { WebRtcPacketizer } from '../../../../src/media/hub/webrtc-packetizer.ts';
import { parseChallenges } from '../../../../src/media/rtsp/auth.ts';
import { type FramingFault, InterleavedParser, MAX_BUFFERED_BYTES } from '../../../../src/media/rtsp/interleaved.ts';
import { parseRtpPacket } from '../../../../src/media/rtsp/rtp-packet.ts';
import { zeroCounters } from '../../../../src/media/rtsp/rtsp-client-counters.ts';
import { RtspSession } from '../../../../src/media/rtsp/rtsp-session.ts';
import { parseSdp } from '../../../../src/media/rtsp/sdp.ts';
import { UnitStream } from '../../../../src/media/rtsp/unit-stream.ts';
import { capture, inPieces, mutated } from '../../../support/mutated.ts';

/** As many again with other seeds: STOPSIGN_TEST_RUNS=20000 STOPSIGN_TEST_SEED=$RANDOM. */
const numRuns = Number(process.env['STOPSIGN_TEST_RUNS'] ?? 300);
const NOW_US = 1_795_388_514_000_000;

/** The client's and the hub's whole way from bytes to pictures. */
function open(codec: VideoCodec) {
  const units: AccessUnit[] = [];
  const counters = zeroCounters();
  let nowUs = NOW_US;
  const clock = { nowUs: () => nowUs };
  const stream = new UnitStream({
    codec,
    payloadType: 96,
    parameterSets: [],
    epoch: 1,
    clock,
    counters,
    onUnit: (unit) => units.push(unit),
    onSenderReport: () => {},
    onBroken: () => {},
  });
  const track = { ...parseSdp(`m=video 0 RTP/AVP 96\r\na=rtpmap:96 ${codec}/90000`).video, codec } as never;
  const published = new Stream('cam', track, clock);
  const packetizer = new WebRtcPacketizer(() => []);
  published.addReader({
    type: 'webRTCSession',
    id: '',
    onStreamEnd: () => {},
    onPacket: (bytes) => {
      const packet = parseRtpPacket(bytes);
      if (packet) packetizer.push(packet);
    },
  });
  return {
    units,
    counters,
    published,
    onPacket(channel: number, packet: Buffer) {
      nowUs += 1_000;
      if (channel % 2 === 0) {
        stream.onRtp(packet);
        published.publish(packet);
      } else {
        stream.onRtcp(packet);
        published.publishReports(packet);
        published.senderReport(0, 0);
      }
    },
  };
}

function feed(codec: VideoCodec, bytes: Buffer, pieceBytes: number) {
  const way = open(codec);
  let fault: FramingFault | null = null;
  let most = 0;
  const parser = new InterleavedParser({
    onFrame: (channel, payload) => way.onPacket(channel, payload),
    onMessage: (message) => {
      parseSdp(message.body);
      parseChallenges([...message.headers.values()].flat());
    },
  });
  for (const piece of inPieces(bytes, pieceBytes)) {
    fault ??= parser.push(piece);
    most = Math.max(most, parser.bufferedBytes);
  }
  return { ...way, fault, most };
}

const NAMES = ['play-h264', 'play-h265', 'publish-h264'] as const;
const codecOf = (name: string) => (name.endsWith('h265') ? 'h265' : 'h264');

describe.each(NAMES)('the capture %s', (name) => {
  const whole = capture(name);
  const codec = codecOf(name);

  it('gives pictures when it is left as it is', () => {
    const { units, counters, fault, published } = feed(codec, whole, 1_448);
    expect(fault).toBeNull();
    expect(units.length).toBeGreaterThanOrEqual(5);
    expect(units[0]?.key).toBe(true);
    expect(counters).toMatchObject({ malformed: 0, sequenceGaps: 0, droppedUnits: 0 });
    expect(published.inboundBytes).toBeGreaterThan(5_000);
  });

  it('makes nothing throw and nothing grow, whatever happened to its bytes', () => {
    fc.assert(
      fc.property(mutated(whole), fc.integer({ min: 1, max: 4_000 }), (bytes, pieceBytes) => {
        const { units, most } = feed(codec, bytes, Math.max(pieceBytes, Math.ceil(bytes.length / 300)));
        expect(most).toBeLessThanOrEqual(MAX_BUFFERED_BYTES);
        for (const unit of units) expect(Buffer.from(unit.data).readUInt32BE(0)).toBe(1);
      }),
      { numRuns },
    );
  });

  it('makes nothing throw and nothing grow, whatever happened inside its packets and to their order', () => {
    const packets: [channel: number, packet: Buffer][] = [];
    const parser = new InterleavedParser({
      onFrame: (channel, payload) => packets.push([channel, Buffer.from(payload)]),
      onMessage: () => {},
    });
    parser.push(whole);
    const happening = fc.nat(packets.length - 1).chain((n) =>
      fc.record({
        n: fc.constant(n),
        bytes: mutated(packets[n]?.[1] ?? Buffer.alloc(0)),
        how: fc.constantFrom('replace', 'add', 'lose', 'early'),
      }),
    );
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 12 }), (happenings) => {
        const list = [...packets];
        for (const { n, bytes, how } of happenings) {
          const at = n % list.length;
          const packet: [number, Buffer] = [list[at]?.[0] ?? 0, bytes];
          if (how === 'replace') list[at] = packet;
          else if (how === 'add') list.splice(at, 0, packet);
          else if (how === 'lose') list.splice(at, 1);
          else list.unshift(...list.splice(at, 1));
        }
        const way = open(codec);
        for (const [channel, packet] of list) way.onPacket(channel, packet);
        const given = list.reduce((sum, [, packet]) => sum + packet.length, 0);
        const got = way.units.reduce((sum, unit) => sum + unit.data.length, 0);
        // Start codes, and parameter sets once a key unit.
        expect(got).toBeLessThanOrEqual(given * 3 + 4_096 * 3 * way.units.length);
      }),
      { numRuns },
    );
  });
});

/** A camera that answers each request with the next answer of its capture, understood or not, and then hangs up. */
function answering(bytes: Buffer): Duplex {
  const starts = [...bytes.toString('latin1').matchAll(/RTSP\/1\.0 /g)].map(({ index }) => index);
  const answers = [0, ...starts.slice(1)].map((start, n) => bytes.subarray(start, starts[n + 1] ?? bytes.length));
  let asked = 0;
  const duplex = new Duplex({
    read: () => {},
    write: (_chunk, _encoding, done) => {
      asked += 1;
      done();
    },
  });
  void (async () => {
    for (const [n, answer] of answers.entries()) {
      for (let turns = 0; turns < 10 && asked <= n; turns += 1) await turn();
      if (duplex.destroyed) return;
      duplex.push(answer);
    }
    for (let turns = 0; turns < 10; turns += 1) await turn();
    duplex.push(null);
  })();
  return duplex;
}

describe('a session with a camera whose bytes are broken', () => {
  it.each(['play-h264', 'play-h265'] as const)('opens or says why not (%s), and ends', async (name) => {
    const whole = capture(name);
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(mutated(whole), async (bytes) => {
        let end = () => {};
        const ended = new Promise<void>((resolve) => {
          end = resolve;
        });
        try {
          await RtspSession.open({
            url: 'rtsp://viewer:secret@cam/x',
            connect: async () => answering(bytes),
            onRtp: () => {},
            onClosed: end,
          });
          opened += 1;
          await ended;
        } catch (error) {
          expect(error).toBeInstanceOf(StopsignError);
        }
      }),
      { numRuns },
    );
    expect(opened).toBeGreaterThan(0);
  });
});
