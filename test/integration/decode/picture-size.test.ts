/** A camera whose operator chooses another picture size while it streams: new parameter sets within the same session. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { BackendName } from '../../../src/media/decode/backend.ts';
import { makeClip, splitAccessUnits } from '../../support/clip.ts';
import { openDecoderRoom, picturesOf } from '../../support/decoder-room.ts';

const FPS = 15;
const SIZES = { small: [320, 180], wide: [480, 240], huge: [800, 448] } as const;

async function scene(size: keyof typeof SIZES, bframes: number) {
  const [width, height] = SIZES[size];
  await using clip = await makeClip({ width, height, fps: FPS, frames: 2 * FPS, bframes, file: 'clip.h264' });
  const pictures = await picturesOf(clip.path, width, height);
  return { width, height, pictures, units: splitAccessUnits(await readFile(clip.path), 'h264') };
}

type Room = Awaited<ReturnType<typeof openDecoderRoom>>;

/** The scenes one after the other as one session; each unit is decoded before the next comes. */
async function stream(room: Room, scenes: readonly Awaited<ReturnType<typeof scene>>[]): Promise<void> {
  let n = 0;
  for (const { units } of scenes) {
    for (const [i, data] of units.entries()) {
      const times = { rtp: n * 6_000, utcUs: n * 66_667, utcSource: 'sender-report' as const, receivedUs: n * 66_667 };
      room.listener.onUnit({ ...times, epoch: 1, codec: 'h264', data, key: i % FPS === 0 });
      await room.work();
      n += 1;
    }
  }
}

describe.each<BackendName>(['node-av', 'beamcoder'])(
  'a camera that changes its picture size, decoded by %s',
  (backend) => {
    const isMissing = backend === 'beamcoder' && process.env['STOPSIGN_WITHOUT_BEAMCODER'] === '1';

    it.skipIf(isMissing).each([0, 2])(
      'goes on with the right pixels in the new size (%i B-frames)',
      async (bframes) => {
        const scenes = [await scene('small', bframes), await scene('wide', bframes), await scene('small', bframes)];
        await using room = await openDecoderRoom({ backend });
        await stream(room, scenes);
        const expected = scenes.flatMap(({ width, height, pictures }) =>
          pictures.map((bytes) => ({ width, height, bytes })),
        );
        expect(room.frames.length).toBeGreaterThanOrEqual(expected.length - bframes);
        for (const [n, { width, height, bytes }] of room.frames.entries()) {
          expect([n, width, height]).toEqual([n, expected[n]?.width, expected[n]?.height]);
          expect(bytes.equals(expected[n]?.bytes as Buffer), `pixels of frame ${n}`).toBe(true);
        }
        expect(room.row.snapshot()).toMatchObject({ dropped: 0, errors: 0 });
        expect(room.decodersOpened()).toBe(1);
        expect(room.details).toEqual([]);
      },
    );

    it.skipIf(isMissing).each([0, 2])(
      'refuses what the ring has no room for, and comes back when it fits (%i B-frames)',
      async (bframes) => {
        const [small, huge] = [await scene('small', bframes), await scene('huge', bframes)];
        await using room = await openDecoderRoom({ backend });
        await stream(room, [small, huge, small]);
        expect(room.details).toEqual([
          "the camera's picture of 800×448 is too large. Choose a stream of at most 640×360 on the camera.",
        ]);
        const expected = [...small.pictures, ...small.pictures];
        expect(room.frames.length).toBeGreaterThanOrEqual(expected.length - bframes);
        for (const [n, { width, bytes }] of room.frames.entries()) {
          expect(width).toBe(320);
          expect(bytes.equals(expected[n] as Buffer), `pixels of frame ${n}`).toBe(true);
        }
        expect(room.decodersOpened()).toBe(1);
        expect(room.row.get('gauge0')).toBe(1);
      },
    );
  },
);
