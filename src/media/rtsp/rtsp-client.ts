/**
 * Keeps one camera's stream coming: sessions opened and re-opened, access units with their RTP timestamp and capture time handed
 * to `onUnit`. Lives in the decoder room, on its thread's loop; the actor creates, starts and closes it.
 *
 * Malformed input never throws past it: framing that is not RTSP ends the session at once, broken packets are counted and end it
 * when too many come without a complete unit in between (`unit-stream.ts`); then the session is re-opened.
 */
import { StopsignError } from '../../errors.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { Connect } from './connect.ts';
import { type Attempt, ReconnectLoop } from './reconnect-loop.ts';
import { parseRtspAddress, type RtspAddress } from './rtsp-address.ts';
import { type RtspClientCounters, zeroCounters } from './rtsp-client-counters.ts';
import * as failure from './rtsp-failure.ts';
import { RtspSession } from './rtsp-session.ts';
import { UnitStream } from './unit-stream.ts';

export interface RtspClientState {
  /** `online` from the first access unit of a session until it is over. */
  readonly state: 'connecting' | 'online';
  /** Why it is connecting again, a sentence with a remedy; null at the beginning and when online. */
  readonly detail: string | null;
  readonly error?: StopsignError;
}

export interface RtspClientOptions {
  readonly url: string;
  /** UTC, µs. */
  readonly clock: { nowUs(): number; steadyUs?(): number };
  /** Number of the first session; default 1. */
  readonly firstEpoch?: number;
  /** No access unit for this long: the session is opened anew. Default 5,000. */
  readonly stallMs?: number;
  /** Longest wait before another attempt; default 5,000. */
  readonly maxBackoffMs?: number;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly connect?: Connect;
  /** [0, 1), for the jitter between attempts. */
  readonly random?: () => number;
  onUnit(unit: AccessUnit): void;
  /** Every believable sender report, as it came. */
  onSenderReport?(report: { epoch: number; rtp: number; utcUs: number }): void;
  onState?(state: RtspClientState): void;
}

/** A session that lasted this long counts as healthy: the next attempt comes quickly. */
const HEALTHY_MS = 5_000;

export class RtspClient {
  readonly counters: RtspClientCounters = zeroCounters();
  readonly #options: RtspClientOptions;
  readonly #stallMs: number;
  readonly #label: string;
  readonly #loop: ReconnectLoop;
  #epoch: number;
  /** Where the session before sent us. */
  #movedTo: RtspAddress | null = null;

  /** @throws StopsignError BAD_CONFIG when the URL is none */
  constructor(options: RtspClientOptions) {
    this.#options = options;
    this.#stallMs = options.stallMs ?? 5_000;
    this.#label = parseRtspAddress(options.url).label;
    this.#epoch = (options.firstEpoch ?? 1) - 1;
    this.#loop = new ReconnectLoop({
      attempt: (signal) => this.#playSession(signal),
      onRetry: ({ error }) => this.#onRetry(error),
      ...(options.maxBackoffMs !== undefined && { maxBackoffMs: options.maxBackoffMs }),
      random: options.random ?? Math.random,
    });
  }

  /** The session that is, or was last, open; `firstEpoch − 1` before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  start(): void {
    this.#options.onState?.({ state: 'connecting', detail: null });
    this.#loop.start();
  }

  /** After it has resolved no callback is called any more. */
  async close(): Promise<void> {
    await this.#loop.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #onRetry(error: StopsignError): void {
    this.counters.reconnects += 1;
    const detail = error.remedy ? `${error.message} ${error.remedy}` : error.message;
    this.#options.onState?.({ state: 'connecting', detail, error });
  }

  /** One session from the connect to its end. */
  async #playSession(signal: AbortSignal): Promise<Attempt> {
    const { connect, connectTimeoutMs, requestTimeoutMs } = this.#options;
    let units: UnitStream | null = null;
    let end: (error: StopsignError | null) => void = () => {};
    const ended = new Promise<StopsignError | null>((resolve) => {
      end = resolve;
    });
    try {
      await using session = await RtspSession.open({
        url: this.#options.url,
        address: this.#takeMovedTo(),
        signal,
        readTimeoutMs: Math.max(this.#stallMs * 2, 1_000),
        ...(connect && { connect }),
        ...(connectTimeoutMs && { connectTimeoutMs }),
        ...(requestTimeoutMs && { requestTimeoutMs }),
        onRtp: (packet) => units?.onRtp(packet),
        onRtcp: (packet) => units?.onRtcp(packet),
        onClosed: (error) => end(error),
      });
      const openedMs = performance.now();
      const stall = setTimeout(() => session.fail(failure.noPicture(this.#label, this.#stallMs)), this.#stallMs);
      this.#epoch += 1;
      const unitsBefore = this.counters.units;
      units = this.#unitStream(session, signal, () => stall.refresh());
      const error = (await ended) ?? failure.sessionAborted(this.#label);
      clearTimeout(stall);
      this.#movedTo = session.movedTo;
      const isLong = performance.now() - openedMs >= HEALTHY_MS;
      return { error, wasHealthy: isLong && this.counters.units > unitsBefore };
    } catch (cause) {
      return { error: StopsignError.from(cause), wasHealthy: false };
    }
  }

  /** Once: when nothing is there, the next attempt asks the camera itself again. */
  #takeMovedTo(): RtspAddress | null {
    const address = this.#movedTo;
    this.#movedTo = null;
    return address;
  }

  #unitStream(session: RtspSession, signal: AbortSignal, onProgress: () => void): UnitStream {
    const { clock, onUnit, onSenderReport, onState } = this.#options;
    const { payloadType, parameterSets } = session.track;
    let isOnline = false;
    return new UnitStream({
      codec: session.codec,
      payloadType,
      parameterSets,
      epoch: this.#epoch,
      clock,
      counters: this.counters,
      onUnit: (unit) => {
        if (signal.aborted) return;
        onProgress();
        if (!isOnline) {
          isOnline = true;
          onState?.({ state: 'online', detail: null });
        }
        onUnit(unit);
      },
      onSenderReport: (report) => {
        if (!signal.aborted) onSenderReport?.(report);
      },
      onBroken: (malformed) => session.fail(failure.tooMuchMalformed(this.#label, malformed)),
    });
  }
}
