/** Decoding by node-av, which brings its own FFmpeg: the backend that is tried first (ADR 23). */
import { StopsignError } from '../../errors.ts';
import type { VideoCodec } from '../access-unit.ts';
import { cannotDecode } from './cannot-decode.ts';
import { type NodeAv, type StandingFrame, StandingFrames } from './node-av-frames.ts';
import { toPicture } from './picture.ts';
import type { DecodeBackend, DecodedPicture, FileDecoder, StreamDecoder } from './port.ts';

type Lib = typeof import('node-av/lib');
type Context = InstanceType<Lib['CodecContext']>;
type Frame = InstanceType<Lib['Frame']>;

/** @throws when the package or its binary for this platform is not installed */
export async function loadNodeAv(): Promise<DecodeBackend> {
  const av: NodeAv = { lib: await import('node-av/lib'), constants: await import('node-av/constants') };
  av.lib.Log.setLevel(av.constants.AV_LOG_FATAL);
  return {
    name: 'node-av',
    openStream: (codec) => openStream(av, codec),
    openFile: (path) => openFile(av, path),
  };
}

async function openStream(av: NodeAv, codec: VideoCodec): Promise<StreamDecoder> {
  const { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } = av.constants;
  const found = av.lib.Codec.findDecoder(codec === 'h264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC);
  if (!found) throw new StopsignError('NATIVE_MISSING', `this FFmpeg has no ${codec} decoder.`);
  const context = new av.lib.CodecContext();
  context.allocContext3(found);
  context.threadCount = 1;
  check(av, context.open2Sync(found, null), 'the decoder could not be opened');
  return new NodeAvStream(new Decoding(av, context));
}

/** Packets in, pictures out. Each call's pictures stay valid until the call after the next. */
class Decoding {
  readonly av: NodeAv;
  private readonly context: Context;
  private readonly received: Frame;
  private readonly standing: StandingFrames;
  private held: StandingFrame[] = [];
  private heldBefore: StandingFrame[] = [];
  private closed = false;

  constructor(av: NodeAv, context: Context) {
    this.av = av;
    this.context = context;
    this.received = new av.lib.Frame();
    this.received.alloc();
    this.standing = new StandingFrames(av);
  }

  /** @param packet null flushes */
  async decode(packet: InstanceType<Lib['Packet']> | null): Promise<DecodedPicture[]> {
    if (this.closed) return [];
    this.standing.giveBack(this.heldBefore);
    this.heldBefore = this.held;
    this.held = [];
    const sent = await this.context.sendPacket(packet);
    const { AVERROR_EAGAIN, AVERROR_EOF } = this.av.constants;
    if (sent !== AVERROR_EAGAIN && sent !== AVERROR_EOF) checkDecoded(this.av, sent);
    const pictures: DecodedPicture[] = [];
    // The work was done when the packet was sent; what is ready is not worth another thread's turn.
    while (!this.closed && this.context.receiveFrameSync(this.received) >= 0) {
      const frame = this.standing.copyOf(this.received);
      this.held.push(frame);
      pictures.push(this.picture(frame));
    }
    return pictures;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.standing.giveBack([...this.heldBefore, ...this.held]);
    this.standing.close();
    this.received.free();
    this.context.freeContext();
  }

  private picture({ planes, linesize }: StandingFrame): DecodedPicture {
    const { AVCOL_RANGE_JPEG, AVCOL_RANGE_MPEG } = this.av.constants;
    const { colorRange, bestEffortTimestamp, width, height, format, decodeErrorFlags } = this.received;
    const range = colorRange === AVCOL_RANGE_JPEG ? 'full' : colorRange === AVCOL_RANGE_MPEG ? 'limited' : 'unknown';
    return toPicture({
      tag: Number(bestEffortTimestamp),
      width,
      height,
      pixelFormat: this.av.lib.avGetPixFmtName(format as Parameters<Lib['avGetPixFmtName']>[0]) ?? 'unknown',
      range,
      isDamaged: decodeErrorFlags !== 0,
      data: planes,
      linesize,
    });
  }
}

class NodeAvStream implements StreamDecoder {
  private readonly decoding: Decoding;

  constructor(decoding: Decoding) {
    this.decoding = decoding;
  }

  async decode(unit: Uint8Array, tag: number): Promise<readonly DecodedPicture[]> {
    const packet = new this.decoding.av.lib.Packet();
    packet.alloc();
    try {
      packet.data = Buffer.from(unit.buffer, unit.byteOffset, unit.byteLength);
      packet.pts = BigInt(tag);
      packet.dts = BigInt(tag);
      return await this.decoding.decode(packet);
    } finally {
      packet.free();
    }
  }

  flush(): Promise<readonly DecodedPicture[]> {
    return this.decoding.decode(null);
  }

  async close(): Promise<void> {
    this.decoding.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function openFile(av: NodeAv, path: string): Promise<FileDecoder> {
  const format = new av.lib.FormatContext();
  if ((await format.openInput(path)) < 0 || (await format.findStreamInfo()) < 0) {
    throw new StopsignError('BAD_INPUT', `${path} is no video that can be read.`, {
      remedy: 'Give an MP4, MKV or MPEG-TS file with H.264 or H.265 video.',
    });
  }
  const index = format.findBestStream(av.constants.AVMEDIA_TYPE_VIDEO);
  const stream = format.streams?.[index];
  const codec = stream && av.lib.Codec.findDecoder(stream.codecpar.codecId);
  if (!stream || !codec) {
    await format.closeInput();
    throw new StopsignError('BAD_INPUT', `${path} has no video track.`);
  }
  const context = new av.lib.CodecContext();
  context.allocContext3(codec);
  check(av, context.parametersToContext(stream.codecpar), 'the file has unusable codec parameters');
  context.threadCount = 1;
  check(av, await context.open2(codec, null), 'the decoder could not be opened');
  const { timeBase, avgFrameRate } = stream;
  return new NodeAvFile(new Decoding(av, context), format, index, {
    width: stream.codecpar.width,
    height: stream.codecpar.height,
    fps: avgFrameRate.num / Math.max(1, avgFrameRate.den),
    frameCount: stream.nbFrames > 0n ? Number(stream.nbFrames) : null,
    usPerTick: (timeBase.num / timeBase.den) * 1e6,
  });
}

interface FileFacts {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frameCount: number | null;
  readonly usPerTick: number;
}

class NodeAvFile implements FileDecoder {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frameCount: number | null;
  private readonly decoding: Decoding;
  private readonly format: InstanceType<Lib['FormatContext']>;
  private readonly index: number;
  private readonly usPerTick: number;
  private firstTick: number | null = null;
  private ended = false;
  private closed = false;

  constructor(decoding: Decoding, format: InstanceType<Lib['FormatContext']>, index: number, facts: FileFacts) {
    this.decoding = decoding;
    this.format = format;
    this.index = index;
    this.width = facts.width;
    this.height = facts.height;
    this.fps = facts.fps;
    this.frameCount = facts.frameCount;
    this.usPerTick = facts.usPerTick;
  }

  async next(): Promise<readonly (DecodedPicture & { readonly ptsUs: number })[] | null> {
    if (this.ended) return null;
    const packet = new this.decoding.av.lib.Packet();
    packet.alloc();
    try {
      this.ended = this.format.readFrameSync(packet) < 0;
      if (!this.ended && packet.streamIndex !== this.index) return [];
      const pictures = await this.decoding.decode(this.ended ? null : packet);
      return pictures.map((picture) => {
        this.firstTick ??= picture.tag;
        return { ...picture, ptsUs: Math.round((picture.tag - this.firstTick) * this.usPerTick) };
      });
    } finally {
      packet.free();
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.ended = true;
    this.decoding.close();
    await this.format.closeInput();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function checkDecoded(av: NodeAv, code: number): void {
  if (code < 0) throw cannotDecode(new av.lib.FFmpegError(code).message);
}

function check(av: NodeAv, code: number, what: string): void {
  if (code >= 0) return;
  throw new StopsignError('BAD_INPUT', `${what}: ${new av.lib.FFmpegError(code).message}.`);
}
