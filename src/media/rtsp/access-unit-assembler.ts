/**
 * Puts the NAL units of one picture together: RTP packets in, Annex B access units out. Used by `RtspClient`, one per session.
 *
 * Decisions:
 * - A unit ends with the marker bit (lowest latency) once it holds a slice, else when the timestamp changes: some cameras set
 *   the marker on parameter sets, some never.
 * - Packets are missing: the unit that was open, and the one the next packet belongs to unless it shows that it begins there, are
 *   dropped and counted. Whole units up to the next key unit refer to what is missing: a decoder would smear them over the
 *   picture, and a judge must not measure smears. They are skipped and counted. A camera whose next key unit is too far away is
 *   asked anew by the stall timeout of the client, and begins with one.
 * - Nothing comes out before the first key unit, because a decoder cannot start there. That is not counted as dropped.
 */
import type { VideoCodec } from '../access-unit.ts';
import { Depacketizer } from './depacketizer.ts';
import { H264_PAYLOAD } from './h264-payload.ts';
import { H265_PAYLOAD } from './h265-payload.ts';
import { beginsPicture, type NalKind, nalKind, PARAMETER_SET_KINDS } from './nal-kinds.ts';
import type { RtpPacket } from './rtp-packet.ts';

export interface AssembledUnit {
  readonly rtp: number;
  readonly key: boolean;
  /** Annex B with four-byte start codes. */
  readonly data: Uint8Array;
}

export interface AssemblerCounters {
  sequenceGaps: number;
  malformed: number;
  droppedUnits: number;
  lostPackets: number;
  skippedUnits: number;
}

const START_CODE = Buffer.from([0, 0, 0, 1]);
const MAX_UNIT_BYTES = 16 * 1024 * 1024;
/** Each costs far more than its bytes; a picture of 8K has at most 600 slices. */
const MAX_UNIT_NALS = 4_096;
/** Packets that come late or twice are ignored; a greater step back is a new beginning (the sender restarted). */
const MAX_REORDER = 64;

export class AccessUnitAssembler {
  readonly #codec: VideoCodec;
  readonly #depacketizer: Depacketizer;
  readonly #emit: (unit: AssembledUnit) => void;
  readonly #counters: AssemblerCounters;
  /** The newest parameter sets, by kind: from the description first, then from the stream. */
  readonly #parameterSets = new Map<NalKind, Buffer[]>();
  #nals: Buffer[] = [];
  #bytes = 0;
  #timestamp: number | null = null;
  #sequence: number | null = null;
  #isDamaged = false;
  #hasSlice = false;
  #hasStarted = false;
  #waitsForKey = false;

  constructor(
    codec: VideoCodec,
    parameterSets: readonly Buffer[],
    counters: AssemblerCounters,
    emit: (unit: AssembledUnit) => void,
  ) {
    this.#codec = codec;
    this.#depacketizer = new Depacketizer(codec === 'h264' ? H264_PAYLOAD : H265_PAYLOAD);
    this.#counters = counters;
    this.#emit = emit;
    this.#remember(parameterSets);
  }

  push(packet: RtpPacket): void {
    const isAfterGap = this.#followSequence(packet.sequence);
    if (isAfterGap === null) return;
    this.#waitsForKey ||= isAfterGap;
    if (packet.timestamp === this.#timestamp) {
      this.#isDamaged ||= isAfterGap;
    } else {
      if (this.#timestamp !== null) {
        this.#isDamaged ||= isAfterGap;
        this.#finish();
      }
      this.#isDamaged = isAfterGap && !beginsPicture(this.#codec, packet.payload);
    }
    this.#timestamp = packet.timestamp;
    // Cameras keep a connection alive with packets that carry nothing.
    if (packet.payload.length === 0) return;
    if (!this.#depacketizer.push(packet.payload, (nal) => this.#add(nal))) {
      // The rest of a fragment whose beginning was lost is damage that the gap already counts.
      if (!this.#isDamaged) this.#counters.malformed += 1;
      this.#isDamaged = true;
    }
    if (packet.marker && (this.#hasSlice || this.#isDamaged)) {
      this.#finish();
      this.#timestamp = null;
    }
  }

  /** True: packets are missing before this one. Null: late or repeated, to be ignored. */
  #followSequence(sequence: number): boolean | null {
    const last = this.#sequence;
    if (last === null) {
      this.#sequence = sequence;
      return false;
    }
    const step = (sequence - last) & 0xffff;
    if (step === 0 || step > 0x10000 - MAX_REORDER) return null;
    this.#sequence = sequence;
    if (step === 1) return false;
    this.#counters.sequenceGaps += 1;
    if (step < 0x8000) this.#counters.lostPackets += step - 1;
    this.#depacketizer.reset();
    return true;
  }

  #add(nal: Buffer): void {
    this.#bytes += nal.length;
    if (this.#bytes > MAX_UNIT_BYTES || this.#nals.length >= MAX_UNIT_NALS) {
      if (!this.#isDamaged) this.#counters.malformed += 1;
      this.#isDamaged = true;
    }
    if (this.#isDamaged) {
      this.#nals = [];
      return;
    }
    const kind = nalKind(this.#codec, nal);
    if (kind === 'slice' || kind === 'key-slice') this.#hasSlice = true;
    this.#nals.push(nal);
  }

  #finish(): void {
    const nals = this.#nals;
    const isDamaged = this.#isDamaged || this.#depacketizer.hasOpenFragment;
    const hasSlice = this.#hasSlice;
    this.#nals = [];
    this.#bytes = 0;
    this.#isDamaged = false;
    this.#hasSlice = false;
    this.#depacketizer.reset();
    if (isDamaged) {
      this.#counters.droppedUnits += 1;
      this.#waitsForKey = true;
      return;
    }
    this.#remember(nals);
    if (!hasSlice || this.#timestamp === null) return;
    const isKey = nals.some((nal) => nalKind(this.#codec, nal) === 'key-slice');
    const complete = isKey ? this.#withParameterSets(nals) : nals;
    const key = isKey && complete !== null;
    if (!key && !this.#hasStarted) return;
    if (!key && this.#waitsForKey) {
      this.#counters.skippedUnits += 1;
      return;
    }
    this.#hasStarted = true;
    this.#waitsForKey = false;
    this.#emit({ rtp: this.#timestamp, key, data: annexB(complete ?? nals) });
  }

  #remember(nals: readonly Buffer[]): void {
    for (const kind of PARAMETER_SET_KINDS[this.#codec]) {
      const sets = nals.filter((nal) => nalKind(this.#codec, nal) === kind);
      // Copies: a view would keep the whole received chunk alive.
      if (sets.length > 0)
        this.#parameterSets.set(
          kind,
          sets.map((set) => Buffer.from(set)),
        );
    }
  }

  /** Puts missing parameter sets in front, behind a leading delimiter. Null when one is not known yet. */
  #withParameterSets(nals: readonly Buffer[]): readonly Buffer[] | null {
    const present = new Set(nals.map((nal) => nalKind(this.#codec, nal)));
    const missing = PARAMETER_SET_KINDS[this.#codec].filter((kind) => !present.has(kind));
    if (missing.length === 0) return nals;
    if (missing.some((kind) => !this.#parameterSets.has(kind))) return null;
    const all = PARAMETER_SET_KINDS[this.#codec].flatMap((kind) => this.#parameterSets.get(kind) ?? []);
    const rest = nals.filter((nal) => !PARAMETER_SET_KINDS[this.#codec].includes(nalKind(this.#codec, nal)));
    const delimiters = rest[0] && nalKind(this.#codec, rest[0]) === 'delimiter' ? 1 : 0;
    return [...rest.slice(0, delimiters), ...all, ...rest.slice(delimiters)];
  }
}

function annexB(nals: readonly Buffer[]): Uint8Array {
  return Buffer.concat(nals.flatMap((nal) => [START_CODE, nal]));
}
