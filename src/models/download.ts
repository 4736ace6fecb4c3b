/**
 * Fetches a pinned release asset. Gives up early where the network is closed: no answer within 8 s, or no byte for
 * 8 s, is a failure. The sha256 is the caller's business.
 */
import { StopsignError } from '../errors.ts';

export const SILENCE_MS = 8_000;

export interface DownloadOptions {
  /** More bytes than this are refused. */
  readonly maxBytes: number;
  /** Longest wait for the first answer and between two pieces. */
  readonly silenceMs?: number | undefined;
  readonly onBytes?: (received: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** @throws StopsignError BAD_MODEL when it cannot be had */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const { maxBytes, silenceMs = SILENCE_MS, onBytes, signal } = options;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
  try {
    const abort = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
    const response = await fetch(url, { signal: abort, redirect: 'follow' });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    const parts: Uint8Array[] = [];
    let received = 0;
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      timer.refresh();
      received += part.length;
      if (received > maxBytes) throw new Error(`it is larger than the ${maxBytes} bytes it should have`);
      parts.push(part);
      onBytes?.(received);
    }
    return Buffer.concat(parts);
  } catch (cause) {
    throw new StopsignError('BAD_MODEL', `${url} cannot be downloaded: ${reason(cause)}.`, {
      remedy: 'Download it elsewhere and put it into models/ or into a folder named by STOPSIGN_MODELS_DIR.',
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch failed` says nothing; its cause does. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reason(error.cause) : error.message || error.name;
}
