/** One contract, every backend that this machine has: real FFmpeg, real H.264 and H.265. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../src/errors.ts';
import { type BackendName, loadBackend } from '../../../src/media/decode/backend.ts';
import type { DecodedPicture } from '../../../src/media/decode/port.ts';
import { copyPlanes } from '../../../src/shm/copy-planes.ts';
import { makeClip, splitAccessUnits } from '../../support/clip.ts';

/** Tightly packed planes, as ffmpeg's rawvideo writes them. */
function pack(picture: DecodedPicture): Buffer {
  const { width, height } = picture;
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const bytes = Buffer.alloc(width * height + 2 * chroma);
  const u = bytes.subarray(width * height, width * height + chroma);
  copyPlanes(picture.planes, {
    width,
    height,
    y: bytes.subarray(0, width * height),
    u,
    v: bytes.subarray(width * height + chroma),
  });
  return bytes;
}

const rawFrames = (path: string): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'], {
    maxBuffer: 2 ** 28,
  });

describe.each<BackendName>(['beamcoder', 'node-av'])('the decode backend %s', (name) => {
  const isMissing = name === 'beamcoder' && process.env['STOPSIGN_WITHOUT_BEAMCODER'] === '1';

  describe.skipIf(isMissing)('where it is installed', () => {
    // 322 is no multiple of 32: rows are padded and the stride must be honoured.
    it.each(['h264', 'h265'] as const)(
      'decodes %s access units to the very pixels, each with its own tag',
      async (codec) => {
        await using clip = await makeClip({
          width: 322,
          height: 182,
          frames: 20,
          codec,
          file: codec === 'h264' ? 'c.h264' : 'c.hevc',
        });
        const expected = rawFrames(clip.path);
        const units = splitAccessUnits(await readFile(clip.path), codec);
        expect(units).toHaveLength(20);
        await using decoder = await (await loadBackend(name)).openStream(codec);
        const got: { tag: number; bytes: Buffer }[] = [];
        const keep = (pictures: readonly DecodedPicture[]) => {
          for (const p of pictures) got.push({ tag: p.tag, bytes: pack(p) });
        };
        for (const [i, unit] of units.entries()) keep(await decoder.decode(unit, 2 ** 40 + i * 3000));
        keep(await decoder.flush());
        expect(got.map((g) => g.tag)).toEqual(units.map((_, i) => 2 ** 40 + i * 3000));
        expect(Buffer.concat(got.map((g) => g.bytes)).equals(expected)).toBe(true);
      },
    );

    it('leaves a picture as it was until the call after the next, also where the size changes', async () => {
      await using small = await makeClip({ width: 320, height: 180, frames: 6, file: 'small.h264' });
      await using large = await makeClip({ width: 640, height: 360, frames: 6, file: 'large.h264' });
      const clips = [small, large, small];
      const expected = Buffer.concat(clips.map((clip) => rawFrames(clip.path)));
      const files = await Promise.all(clips.map((clip) => readFile(clip.path)));
      await using decoder = await (await loadBackend(name)).openStream('h264');
      const got: Buffer[] = [];
      let before: readonly DecodedPicture[] = [];
      for (const [i, unit] of files.flatMap((file) => splitAccessUnits(file, 'h264')).entries()) {
        const pictures = await decoder.decode(unit, i);
        got.push(...before.map(pack));
        before = pictures;
      }
      const rest = await decoder.flush();
      got.push(...before.map(pack), ...rest.map(pack));
      expect(Buffer.concat(got).equals(expected)).toBe(true);
    });

    it('survives garbage between good access units', async () => {
      await using clip = await makeClip({ frames: 30, file: 'c.h264' });
      const units = splitAccessUnits(await readFile(clip.path), 'h264');
      await using decoder = await (await loadBackend(name)).openStream('h264');
      let pictures = 0;
      const refused: string[] = [];
      for (const [i, unit] of units.entries()) {
        if (i === 5) {
          const words = Buffer.from('this is no video at all, only words');
          await decoder.decode(words, 1).catch((error: unknown) => refused.push(describeError(error)));
        }
        pictures += (await decoder.decode(unit, i)).length;
      }
      expect(pictures).toBeGreaterThanOrEqual(29);
      // beamcoder passes over it without a word.
      const sentence = expect.stringMatching(
        /^the video cannot be decoded \(.+\)\. If it comes and goes, .* set the camera to H\.264/,
      );
      expect(refused).toEqual(name === 'node-av' ? [sentence] : []);
    });

    it('reads a file to its end with presentation times', async () => {
      await using clip = await makeClip({ frames: 31, fps: 15 });
      await using file = await (await loadBackend(name)).openFile(clip.path);
      expect([file.width, file.height, Math.round(file.fps), file.frameCount]).toEqual([320, 180, 15, 31]);
      const times: number[] = [];
      for (let batch = await file.next(); batch; batch = await file.next()) times.push(...batch.map((p) => p.ptsUs));
      expect(times).toHaveLength(31);
      for (const [i, t] of times.entries()) expect(Math.abs(t - (i * 1e6) / 15)).toBeLessThan(200);
    });

    it('says in a sentence that a file is no video', async () => {
      await using clip = await makeClip({ frames: 1 });
      await writeFile(clip.path, 'no video');
      const backend = await loadBackend(name);
      await expect(backend.openFile(clip.path)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringContaining('no video'),
      });
    });

    it.each(['c.mkv', 'c.ts', 'c.mov', 'c.h264'])('opens a file of another kind: %s', async (kind) => {
      await using clip = await makeClip({ frames: 5, file: kind });
      await using file = await (await loadBackend(name)).openFile(clip.path);
      expect([file.width, file.height]).toEqual([320, 180]);
    });

    it('closes twice without complaint and decodes nothing afterwards', async () => {
      const decoder = await (await loadBackend(name)).openStream('h264');
      await decoder.close();
      await decoder.close();
      expect(await decoder.decode(new Uint8Array(10), 0)).toEqual([]);
    });
  });
});
