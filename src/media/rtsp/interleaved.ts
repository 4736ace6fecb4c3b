/**
 * Takes the byte stream of an RTSP connection apart: `$`-framed binary packets (RFC 2326 §10.12) and RTSP messages, in
 * any mixture and cut anywhere. Used by the client and by the hub's server. Never throws, and never holds more than one
 * unfinished frame or message.
 */
import { bodyLengthOf, parseRtspHead, type RtspMessage } from './rtsp-message.ts';

export interface InterleavedSink {
  /** A binary frame; even channels carry RTP, odd ones RTCP. The payload is a view of received bytes: do not change it. */
  onFrame(channel: number, payload: Buffer): void;
  onMessage(message: RtspMessage): void;
}

/** `http`: the other side speaks HTTP. `garbage`: neither frame nor message. `too-large`: a head or body beyond the bound. */
export type FramingFault = 'http' | 'garbage' | 'too-large';

const DOLLAR = 0x24;
const FRAME_HEADER_BYTES = 4;
const MAX_HEAD_BYTES = 16 * 1024;
const MAX_BODY_BYTES = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
/** Some cameras end lines with a line feed alone. */
const BARE_HEAD_END = Buffer.from('\n\n');

/** The most bytes `bufferedBytes` can ever be: a head and a body, or one frame. */
export const MAX_BUFFERED_BYTES = MAX_HEAD_BYTES + HEAD_END.length + MAX_BODY_BYTES;

export class InterleavedParser {
  readonly #sink: InterleavedSink;
  #rest: Buffer = Buffer.alloc(0);
  #fault: FramingFault | null = null;
  #stopped = false;
  #isHeld = false;

  constructor(sink: InterleavedSink) {
    this.#sink = sink;
  }

  get bufferedBytes(): number {
    return this.#rest.length;
  }

  /** Nothing more is handed to the sink, not even from the chunk being parsed. */
  stop(): void {
    this.#stopped = true;
    this.#rest = Buffer.alloc(0);
  }

  /** Nothing is handed to the sink until `release`; whoever holds must stop reading too, as what comes is kept. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Goes on with what has been kept; as `push`. */
  release(): FramingFault | null {
    this.#isHeld = false;
    return this.push(Buffer.alloc(0));
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Returns what is wrong with the stream, null while it is well-formed. A fault is final. */
  push(chunk: Buffer): FramingFault | null {
    if (this.#fault !== null || this.#stopped) return this.#fault;
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (at < bytes.length && !this.#stopped && !this.#isHeld) {
      const taken = this.#take(bytes, at);
      if (typeof taken === 'string') {
        this.#fault = taken;
        this.#rest = Buffer.alloc(0);
        return taken;
      }
      if (taken === 0) break;
      at += taken;
    }
    // A copy, so that a few left-over bytes do not keep a whole received chunk alive.
    this.#rest = this.#stopped || at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
    return null;
  }

  /** Bytes consumed from `at`, 0 when more are needed, or the fault. */
  #take(bytes: Buffer, at: number): number | FramingFault {
    const first = bytes[at];
    if (first === DOLLAR) return this.#takeFrame(bytes, at);
    // Some cameras put an empty line between messages.
    if (first === 0x0d || first === 0x0a) return 1;
    return this.#takeMessage(bytes, at);
  }

  #takeFrame(bytes: Buffer, at: number): number {
    if (bytes.length - at < FRAME_HEADER_BYTES) return 0;
    const length = bytes.readUInt16BE(at + 2);
    const end = at + FRAME_HEADER_BYTES + length;
    if (bytes.length < end) return 0;
    this.#sink.onFrame(bytes.readUInt8(at + 1), bytes.subarray(at + FRAME_HEADER_BYTES, end));
    return end - at;
  }

  #takeMessage(bytes: Buffer, at: number): number | FramingFault {
    const window = bytes.subarray(at, at + MAX_HEAD_BYTES + HEAD_END.length);
    const fault = faultOfFirstLine(window);
    if (fault) return fault;
    const { headBytes, bodyFrom } = endOfHead(window);
    if (headBytes < 0) return window.length > MAX_HEAD_BYTES ? 'too-large' : 0;
    const head = parseRtspHead(window.toString('utf8', 0, headBytes));
    const bodyBytes = head && bodyLengthOf(head);
    if (head === null || bodyBytes === null) return 'garbage';
    if (bodyBytes > MAX_BODY_BYTES) return 'too-large';
    const end = bodyFrom + bodyBytes;
    if (bytes.length < at + end) return 0;
    this.#sink.onMessage({ ...head, body: bytes.toString('utf8', at + bodyFrom, at + end) });
    return end;
  }
}

function endOfHead(window: Buffer): { headBytes: number; bodyFrom: number } {
  const proper = window.indexOf(HEAD_END);
  const bare = (proper < 0 ? window : window.subarray(0, proper)).indexOf(BARE_HEAD_END);
  return bare < 0
    ? { headBytes: proper, bodyFrom: proper + HEAD_END.length }
    : { headBytes: bare, bodyFrom: bare + BARE_HEAD_END.length };
}

/** Tells early, before a whole head is there, that this can never become an RTSP message. */
function faultOfFirstLine(window: Buffer): FramingFault | null {
  const lineEnd = window.indexOf('\n');
  const line = window.toString('latin1', 0, lineEnd < 0 ? Math.min(window.length, 4200) : lineEnd);
  if (/^HTTP\//.test(line) || / HTTP\/\d/.test(line)) return 'http';
  if (!/^[A-Z_]+(?:[ /]|$)/.test(line) || /[^\x20-\x7e\r\t]/.test(line)) return 'garbage';
  return lineEnd < 0 && line.length >= 4200 ? 'garbage' : null;
}
