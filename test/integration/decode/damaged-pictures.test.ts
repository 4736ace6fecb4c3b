/**
 * Pictures whose bits were changed on the way: FFmpeg makes up what is missing, and nothing may be measured in that. Real
 * H.264 through the decoder room with real decoders, each picture in the ring compared with the one that was encoded.
 */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { BackendName } from '../../../src/media/decode/backend.ts';
import { type ClipOptions, makeClip, splitAccessUnits } from '../../support/clip.ts';
import { DAMAGES, type DamageKind } from '../../support/damage.ts';
import { openDecoderRoom, picturesOf } from '../../support/decoder-room.ts';
import { dice } from '../../support/lab-dice.ts';

const [WIDTH, HEIGHT, GOP] = [320, 180, 15];
const FRAMES = 2 * GOP;
/** Of each damage, at different pictures and places. */
const RUNS = 2;
const KINDS = Object.keys(DAMAGES) as DamageKind[];
/** Noticed each time. Of the others FFmpeg overlooks some: what was changed reads like another picture. */
const ALWAYS_SEEN: readonly DamageKind[] = ['its end cut off'];
const OVERLOOKED_SHARE = 0.4;

interface Footage {
  readonly units: readonly Buffer[];
  /** As they were encoded, in presentation order. */
  readonly truth: readonly Buffer[];
}

const encoded = new Map<string, Promise<Footage>>();

/** Encoded once for both backends. */
function footage(options: ClipOptions, frames = FRAMES): Promise<Footage> {
  const key = JSON.stringify({ ...options, frames });
  const known = encoded.get(key) ?? encode(options, frames);
  encoded.set(key, known);
  return known;
}

async function encode(options: ClipOptions, frames: number): Promise<Footage> {
  await using clip = await makeClip({ width: WIDTH, height: HEIGHT, fps: GOP, frames, file: 'c.h264', ...options });
  const units = splitAccessUnits(await readFile(clip.path), 'h264').map((unit) => Buffer.from(unit));
  return { units, truth: await picturesOf(clip.path, WIDTH, HEIGHT) };
}

/** What came out of the room, by the number of the access unit: with B-frames not the number of the picture. */
async function decode(units: readonly Buffer[], backend: BackendName) {
  await using room = await openDecoderRoom({ backend });
  for (const [rtp, data] of units.entries()) {
    const key = data.includes(Buffer.from([0, 0, 1, 0x65]));
    room.listener.onUnit({
      epoch: 1,
      rtp,
      key,
      data,
      codec: 'h264',
      utcSource: 'arrival',
      utcUs: rtp,
      receivedUs: rtp,
    });
    await room.work();
  }
  return { frames: room.frames, details: room.details, row: room.row.snapshot() };
}

describe.each<BackendName>(['node-av', 'beamcoder'])('decoded by %s,', (backend) => {
  const isMissing = backend === 'beamcoder' && process.env['STOPSIGN_WITHOUT_BEAMCODER'] === '1';

  describe.skipIf(isMissing)('where it is installed,', () => {
    it.each<[string, ClipOptions]>([
      ['CABAC', { x264: 'cabac=1' }],
      ['CAVLC', { profile: 'baseline' }],
      ['four slices', { x264: 'cabac=1:slices=4' }],
    ])('damaged pictures of %s are kept from the ring up to the next key picture, and no other', async (_, options) => {
      const { units, truth } = await footage(options);
      const overlooked: string[] = [];
      for (const kind of KINDS) {
        for (let run = 0; run < RUNS; run += 1) {
          const random = dice(run * 100 + KINDS.indexOf(kind));
          const hurt = 2 + Math.floor(random() * (GOP - 4));
          const sent = units.map((unit, n) => (n === hurt ? DAMAGES[kind](unit, random) : unit));
          const { frames, details, row } = await decode(sent, backend);
          const isWhole = frames.map(({ rtp, bytes }) => bytes.equals(truth[rtp] as Buffer));
          if (isWhole.includes(false)) {
            overlooked.push(`${kind} ${run}`);
            continue;
          }
          const whole = units.map((_unit, n) => n).filter((n) => n < hurt || n >= GOP);
          expect(frames.map(({ rtp }) => rtp)).toEqual(whole);
          expect(row).toMatchObject({ damaged: 1, errors: 1, dropped: GOP - 1 - hurt, out: whole.length });
          expect(details).toEqual([expect.stringMatching(/picture is damaged: .* An I-frame every second or two/)]);
        }
      }
      expect(overlooked.filter((one) => ALWAYS_SEEN.some((kind) => one.startsWith(kind)))).toEqual([]);
      expect(overlooked.length).toBeLessThanOrEqual(OVERLOOKED_SHARE * KINDS.length * RUNS);
    });

    it('with B-frames no more than those that are shown before a damaged picture get through', async () => {
      const bframes = 2;
      const { units, truth } = await footage({ bframes, x264: 'cabac=1:b-pyramid=none' });
      const { frames: whole } = await decode(units, backend);
      // Of the access unit, from what came out of the undamaged ones.
      const shown = new Map(whole.map(({ rtp }, place) => [rtp, place]));
      for (let run = 0; run < RUNS; run += 1) {
        const random = dice(run);
        // A P-picture, from which the two behind it in the stream are made.
        const hurt = 1 + 3 * (1 + run);
        const sent = units.map((unit, n) => (n === hurt ? DAMAGES['its end cut off'](unit, random) : unit));
        const { frames, row } = await decode(sent, backend);
        const wrong = frames.filter(({ rtp, bytes }) => !bytes.equals(truth[shown.get(rtp) as number] as Buffer));
        expect(row.damaged).toBeGreaterThan(0);
        expect(wrong.length).toBeLessThanOrEqual(bframes);
        expect(wrong.filter(({ rtp }) => rtp < hurt || rtp > hurt + bframes)).toEqual([]);
        expect(frames.at(-1)?.rtp).toBe(whole.at(-1)?.rtp);
      }
    });

    it.each<[string, ClipOptions]>([
      ['B-frames', { bframes: 3, x264: 'cabac=1:b-pyramid=normal' }],
      ['open GOPs', { bframes: 2, x264: 'open-gop=1' }],
      ['a moving column of refreshed blocks instead of key pictures', { x264: 'intra-refresh=1' }],
      ['interlaced pictures', { x264: 'interlaced=1:cabac=1' }],
      ['slices of 600 bytes', { x264: 'slice-max-size=600' }],
    ])('no whole picture is taken for a damaged one: %s', async (_, options) => {
      const { units, truth } = await footage(options, 3 * GOP);
      const { frames, row, details } = await decode(units, backend);
      expect(frames.length).toBeGreaterThanOrEqual(units.length - 4);
      expect(frames.map(({ bytes }, place) => bytes.equals(truth[place] as Buffer))).toEqual(frames.map(() => true));
      expect(row).toMatchObject({ damaged: 0, errors: 0, dropped: 0 });
      expect(details).toEqual([]);
    });
  });
});
