/**
 * HLS of a camera that changes its parameter sets on the way: real ffmpeg publishes, and decodes every segment with nothing but the
 * initialisation segment that the playlist names for it.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { VideoCodec } from '../../../src/media/access-unit.ts';
import { mediaTimescale } from '../../../src/media/hub/movie-fragment.ts';
import { nalKind, PARAMETER_SET_KINDS } from '../../../src/media/rtsp/nal-kinds.ts';
import { makeClip } from '../../support/clip.ts';
import { openHub, pushClip, type TestHub, untilReady } from '../../support/hub.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);
const START_CODE = Buffer.from([0, 0, 0, 1]);
/** A group of pictures; three of them a second. */
const GOP = 5;

async function gops(codec: VideoCodec, width: number, height: number, count = 2): Promise<Buffer> {
  await using clip = await makeClip({ codec, width, height, fps: GOP, frames: GOP * count, file: `clip.${codec}` });
  return readFile(clip.path);
}

/** One file of raw streams, one after the other. */
async function joined(
  codec: VideoCodec,
  parts: readonly Buffer[],
): Promise<AsyncDisposable & { readonly path: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'stopsign-sets-'));
  const path = join(dir, 'clip.mp4');
  await writeFile(join(dir, 'raw'), Buffer.concat(parts));
  const input = ['-r', '15', '-f', codec === 'h264' ? 'h264' : 'hevc', '-i', join(dir, 'raw')];
  await run('ffmpeg', ['-v', 'error', ...input, '-c', 'copy', path]);
  return { path, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

interface Seen {
  readonly sequence: number;
  readonly discontinuity: number;
  readonly init: string;
}

/** Reads a playlist as a player does (RFC 8216 §6.2.1, §6.3). */
function read(playlist: string): Seen[] {
  const head = (name: string) => Number(new RegExp(`^#EXT-X-${name}:(\\d+)$`, 'm').exec(playlist)?.[1] ?? 0);
  let discontinuity = head('DISCONTINUITY-SEQUENCE');
  let init = '';
  const seen: Seen[] = [];
  for (const line of playlist.split('\n')) {
    if (line === '#EXT-X-DISCONTINUITY') discontinuity += 1;
    init = /^#EXT-X-MAP:URI="(.*)"$/.exec(line)?.[1] ?? init;
    if (line.endsWith('.m4s')) seen.push({ sequence: head('MEDIA-SEQUENCE') + seen.length, discontinuity, init });
  }
  return seen;
}

/** Everything that a path's playlists have named; every segment and its initialisation are fetched at once. */
function openPlayer(hub: TestHub, path: string) {
  const base = `${hub.urls.hls}/${path}`;
  const segments = new Map<number, Seen & { readonly bytes: Buffer }>();
  const inits = new Map<string, Buffer>();
  /** null: it has gone since the playlist came. */
  const get = async (name: string) => {
    const response = await fetch(`${base}/${name}`);
    expect([200, 404]).toContain(response.status);
    const bytes = Buffer.from(await response.arrayBuffer());
    return response.ok ? bytes : null;
  };
  return {
    base,
    inits,
    seen: () => [...segments.values()].sort((a, b) => a.sequence - b.sequence),
    async look(): Promise<void> {
      const playlist = (await get('index.m3u8'))?.toString() ?? '';
      for (const segment of read(playlist)) {
        const former = segments.get(segment.sequence);
        // What a segment was called once it is called for ever.
        if (former) expect({ ...former, bytes: null }).toEqual({ ...segment, bytes: null });
        const init = await get(segment.init);
        const bytes = former?.bytes ?? (await get(`seg${segment.sequence}.m4s`));
        if (!init || !bytes) continue;
        expect(inits.get(segment.init) ?? init).toEqual(init);
        inits.set(segment.init, init);
        segments.set(segment.sequence, { ...segment, bytes });
      }
    },
  };
}

/** Its parameter sets made filler data, so that a decoder has those of the initialisation segment alone. */
function withoutSets(codec: VideoCodec, segment: Buffer): Buffer {
  const bytes = Buffer.from(segment);
  for (let at = bytes.readUInt32BE(0) + 8; at + 4 < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const kind = nalKind(codec, bytes.subarray(at + 4));
    if (PARAMETER_SET_KINDS[codec].includes(kind)) bytes.writeUInt8(codec === 'h264' ? 12 : 38 << 1, at + 4);
    at += 4 + size;
  }
  return bytes;
}

/** Sizes of the pictures as they are decoded. @throws when the decoder complains */
async function decoded(codec: VideoCodec, init: Buffer, segment: Buffer): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'stopsign-segment-'));
  try {
    const file = join(dir, 'x.mp4');
    await writeFile(file, Buffer.concat([init, withoutSets(codec, segment)]));
    const wanted = ['-select_streams', 'v', '-show_entries', 'frame=width,height', '-of', 'csv=p=0'];
    const { stdout, stderr } = await run('ffprobe', ['-v', 'error', '-threads', '1', ...wanted, file]);
    if (stderr !== '') throw new Error(stderr);
    return [...stdout.matchAll(/^(\d+),(\d+)/gm)].map(([, width, height]) => `${width}×${height}`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The size that an initialisation segment promises, in its sample entry (ISO/IEC 14496-12 §12.1.3). */
function promised(init: Buffer): string {
  const at = Math.max(init.indexOf('avc1', init.indexOf('stsd')), init.indexOf('hvc1', init.indexOf('stsd')));
  return `${init.readUInt16BE(at + 28)}×${init.readUInt16BE(at + 30)}`;
}

function ticksPerSecond(init: Buffer): number | null {
  return mediaTimescale(init.subarray(init.indexOf('moov') - 4));
}

/** One whose processes can be told from those of other tests. */
async function ownFfmpeg() {
  const dir = await mkdtemp(join(tmpdir(), 'stopsign-ffmpeg-'));
  const path = join(dir, 'ffmpeg');
  await symlink((await run('which', ['ffmpeg'])).stdout.trim(), path);
  const isOurs = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`${path}\0`);
    } catch {
      return false;
    }
  };
  return {
    path,
    running: () => readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(name)).length,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

const A = '320×180';
const B = '256×320';

describe.concurrent('HLS of a camera that changes its size on the way', () => {
  it.each(['h264', 'h265'] as const)(
    'has an initialisation of that size for every segment of %s, to and fro',
    async (codec) => {
      const [small, tall] = [await gops(codec, 320, 180), await gops(codec, 256, 320)];
      await using clip = await joined(codec, [small, tall, small]);
      await using hub = await openHub();
      await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
      await untilReady(hub.urls, 'cam');
      const player = openPlayer(hub, 'cam');
      await until(
        async () => {
          await player.look();
          return new Set(player.seen().map(({ discontinuity }) => discontinuity)).size > 3;
        },
        { timeoutMs: 30_000, everyMs: 100, what: 'three changes' },
      );
      // All but the ends, which may have been cut short by our coming.
      const seen = player.seen().slice(1);
      const sizes: string[] = [];
      for (const { init, bytes } of seen) {
        const bytesOfInit = player.inits.get(init) ?? Buffer.alloc(0);
        const pictures = await decoded(codec, bytesOfInit, bytes);
        expect(pictures).toEqual(pictures.map(() => promised(bytesOfInit)));
        expect(pictures).toHaveLength(GOP);
        sizes.push(promised(bytesOfInit));
      }
      expect(new Set(sizes)).toEqual(new Set([A, B]));
      // There is a discontinuity where the size changes, and nowhere else.
      for (const [n, { discontinuity, sequence }] of seen.entries()) {
        const before = seen[n - 1];
        if (!before) continue;
        expect(sequence).toBe(before.sequence + 1);
        expect(discontinuity - before.discontinuity).toBe(sizes[n] === sizes[n - 1] ? 0 : 1);
      }
      // Back at the first size the first initialisation is named again.
      expect(player.inits.size).toBe(2);
      expect([...player.inits.values()].map(ticksPerSecond)).toEqual([90_000, 90_000]);
      expect(hub.log.filter(({ level }) => level === 'warn')).toEqual([]);
    },
    60_000,
  );

  it('goes on counting when the camera comes back as another', async () => {
    await using first = await joined('h264', [await gops('h264', 320, 180)]);
    await using second = await joined('h264', [await gops('h264', 256, 320)]);
    await using hub = await openHub();
    const player = openPlayer(hub, 'cam');
    const watch = async (path: string) => {
      await using _push = pushClip(path, `${hub.urls.rtsp}/cam`);
      await untilReady(hub.urls, 'cam');
      const from = player.seen().length;
      await until(() => player.look().then(() => player.seen().length > from + 1), {
        timeoutMs: 20_000,
        what: 'segments',
      });
    };
    await watch(first.path);
    const before = player.seen().at(-1)?.sequence ?? Number.NaN;
    await until(async () => (await fetch(`${player.base}/index.m3u8`)).status === 404, { what: 'the stream to end' });
    await watch(second.path);
    const after = player.seen().filter(({ sequence }) => sequence > before);
    expect(after.map(({ discontinuity, init }) => [discontinuity, init])).toEqual(after.map(() => [1, 'init-2.mp4']));
    expect([...player.inits.values()].map(promised)).toEqual([A, B]);
  }, 60_000);
});

describe.concurrent('HLS of a camera that has gone mad', () => {
  it('bounds processes and warnings when every key picture has another size, and goes on', async () => {
    const parts = await Promise.all(Array.from({ length: 12 }, (_, n) => gops('h264', 320 + 16 * n, 180 + 8 * n, 1)));
    await using clip = await joined('h264', parts);
    await using ffmpeg = await ownFfmpeg();
    await using hub = await openHub({ ffmpeg: ffmpeg.path });
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    const player = openPlayer(hub, 'cam');
    let most = 0;
    await until(
      async () => {
        most = Math.max(most, ffmpeg.running());
        await player.look();
        return player.seen().length > 14;
      },
      { timeoutMs: 40_000, everyMs: 20, what: 'fourteen segments' },
    );
    // The packager, and one that makes an initialisation.
    expect([1, 2]).toContain(most);
    expect(player.inits.size).toBeLessThanOrEqual(7);
    expect(hub.log.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('changes its parameter sets all the time'),
    ]);
  }, 90_000);

  it('plays on with the former sets when it sends some that mean nothing', async () => {
    const good = await gops('h264', 320, 180);
    // In the place of an SPS: one whose number (255) cannot be.
    const rubbish = Buffer.concat([START_CODE, Buffer.from('6764001e0080008080', 'hex')]);
    const sps = good.indexOf(Buffer.from([0, 0, 0, 1, 0x67]));
    const spoilt = Buffer.concat([good.subarray(0, sps), rubbish, good.subarray(good.indexOf(START_CODE, sps + 4))]);
    await using clip = await joined('h264', [good, spoilt, good]);
    await using hub = await openHub();
    await using _push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    const player = openPlayer(hub, 'cam');
    await until(() => player.look().then(() => player.seen().length > 10), { timeoutMs: 30_000, what: 'segments' });
    // The first may have been spoilt.
    const seen = player.seen().slice(1);
    for (const { init, bytes } of seen) {
      const pictures = await decoded('h264', player.inits.get(init) ?? Buffer.alloc(0), bytes);
      expect(pictures).toEqual(Array(GOP).fill(A));
    }
    expect(new Set(seen.map(({ init }) => init)).size).toBe(1);
    expect(hub.log.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('makes nothing of'),
    ]);
  }, 60_000);
});
