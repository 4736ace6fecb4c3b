/**
 * Decoding by beamcoder (FFmpeg 5). The addon is loaded itself, not through its package: the package pulls in a
 * dependency that loads only once per process, and every decoder is a thread of its own.
 */
import { createRequire } from 'node:module';
import { StopsignError } from '../../errors.ts';
import type { VideoCodec } from '../access-unit.ts';
import { cannotDecode } from './cannot-decode.ts';
import { beginsLikeVideo } from './container.ts';
import { toPicture } from './picture.ts';
import type { DecodeBackend, DecodedPicture, FileDecoder, StreamDecoder } from './port.ts';

/** The part of the addon that is used here (the package's own types are not there when it could not be built). */
interface Addon {
  logging(level: string): void;
  decoder(options: Record<string, unknown>): AddonDecoder;
  packet(options: { data: Buffer; size: number; pts: number; dts: number }): AddonPacket;
  demuxer(options: { url: string }): Promise<AddonDemuxer>;
}
interface AddonPacket {
  readonly stream_index: number;
}
interface AddonFrame {
  readonly pts: number | null;
  readonly best_effort_timestamp: number | null;
  readonly width: number;
  readonly height: number;
  readonly pix_fmt?: string;
  readonly format: string;
  readonly color_range: string;
  readonly linesize: number[];
  readonly data: Buffer[];
  /** With a getter for each thing that is set; nothing is read until it is asked for. */
  toJSON(): object;
}
interface AddonDecoder {
  decode(packet: AddonPacket): Promise<{ frames: AddonFrame[] }>;
  flush(): Promise<{ frames: AddonFrame[] }>;
}
interface AddonDemuxer {
  readonly streams: {
    codecpar: { codec_type: string; width: number; height: number };
    time_base: [number, number];
    avg_frame_rate: [number, number];
    nb_frames: number;
  }[];
  read(): Promise<AddonPacket | null>;
  forceClose(): void;
}

/** FFmpeg may read this far beyond a packet's end (AV_INPUT_BUFFER_PADDING_SIZE). */
const PADDING_BYTES = 64;

const DECODER_NAMES: Record<VideoCodec, string> = { h264: 'h264', h265: 'hevc' };

/** @throws when the addon was not built on this machine */
export function loadBeamcoder(): DecodeBackend {
  const require = createRequire(import.meta.url);
  const addon = require('beamcoder/build/Release/beamcoder.node') as Addon;
  addon.logging('fatal');
  return {
    name: 'beamcoder',
    openStream: async (codec) => new BeamcoderStream(addon, codec),
    openFile: (path) => openFile(addon, path),
  };
}

class BeamcoderStream implements StreamDecoder {
  private readonly addon: Addon;
  private decoder: AddonDecoder | null;

  constructor(addon: Addon, codec: VideoCodec) {
    this.addon = addon;
    this.decoder = addon.decoder({ name: DECODER_NAMES[codec], thread_count: 1 });
  }

  async decode(unit: Uint8Array, tag: number): Promise<readonly DecodedPicture[]> {
    if (!this.decoder) return [];
    const data = Buffer.alloc(unit.length + PADDING_BYTES);
    data.set(unit);
    const packet = this.addon.packet({ data, size: unit.length, pts: tag, dts: tag });
    const { frames } = await this.decoder.decode(packet).catch((cause: unknown) => {
      throw cannotDecode(cause instanceof Error ? cause.message : String(cause), cause);
    });
    return frames.map((frame) => picture(frame, frame.pts ?? tag));
  }

  async flush(): Promise<readonly DecodedPicture[]> {
    if (!this.decoder) return [];
    const { frames } = await this.decoder.flush();
    this.decoder = null;
    return frames.map((frame) => picture(frame, frame.pts ?? 0));
  }

  async close(): Promise<void> {
    this.decoder = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function openFile(addon: Addon, path: string): Promise<FileDecoder> {
  if (!(await beginsLikeVideo(path))) throw unreadable(path);
  const demuxer = await addon.demuxer({ url: `file:${path}` }).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const index = demuxer.streams.findIndex((stream) => stream.codecpar.codec_type === 'video');
  const stream = demuxer.streams[index];
  if (!stream) {
    demuxer.forceClose();
    throw new StopsignError('BAD_INPUT', `${path} has no video track.`);
  }
  return new BeamcoderFile(addon, demuxer, index, stream);
}

function unreadable(path: string, cause?: unknown): StopsignError {
  return new StopsignError('BAD_INPUT', `${path} is no video that can be read.`, {
    cause,
    remedy: 'Give an MP4, MKV or MPEG-TS file with H.264 or H.265 video.',
  });
}

class BeamcoderFile implements FileDecoder {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frameCount: number | null;
  private readonly demuxer: AddonDemuxer;
  private readonly index: number;
  private readonly usPerTick: number;
  private decoder: AddonDecoder | null;
  private firstTick: number | null = null;
  private closed = false;

  constructor(addon: Addon, demuxer: AddonDemuxer, index: number, stream: AddonDemuxer['streams'][number]) {
    this.demuxer = demuxer;
    this.index = index;
    this.width = stream.codecpar.width;
    this.height = stream.codecpar.height;
    this.fps = stream.avg_frame_rate[0] / Math.max(1, stream.avg_frame_rate[1]);
    this.frameCount = stream.nb_frames > 0 ? stream.nb_frames : null;
    this.usPerTick = (stream.time_base[0] / stream.time_base[1]) * 1e6;
    this.decoder = addon.decoder({ demuxer, stream_index: index, thread_count: 1 });
  }

  async next(): Promise<readonly (DecodedPicture & { readonly ptsUs: number })[] | null> {
    if (!this.decoder) return null;
    const packet = await this.demuxer.read();
    if (packet && packet.stream_index !== this.index) return [];
    const decoder = this.decoder;
    if (!packet) this.decoder = null;
    const { frames } = packet ? await decoder.decode(packet) : await decoder.flush();
    return frames.map((frame) => {
      const tick = frame.best_effort_timestamp ?? frame.pts ?? 0;
      this.firstTick ??= tick;
      return { ...picture(frame, tick), ptsUs: Math.round((tick - this.firstTick) * this.usPerTick) };
    });
  }

  async close(): Promise<void> {
    this.decoder = null;
    if (this.closed) return;
    this.closed = true;
    this.demuxer.forceClose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function picture(frame: AddonFrame, tag: number): DecodedPicture {
  const range = frame.color_range === 'pc' ? 'full' : frame.color_range === 'tv' ? 'limited' : 'unknown';
  return toPicture({
    tag,
    width: frame.width,
    height: frame.height,
    pixelFormat: frame.pix_fmt ?? frame.format,
    range,
    // The frame's own getter knows two of the four flags; that there is one is told by all of them.
    isDamaged: 'decode_error_flags' in frame.toJSON(),
    data: frame.data,
    linesize: frame.linesize,
  });
}
