/**
 * Every path the hub knows: those with a configured source, and those somebody publishes to. The RTSP server and the pull
 * sources write it; WHEP, HLS and the control API read it. Plain data on the hub's one loop.
 */
import type { StopsignError } from '../../errors.ts';
import { type PlayableTrack, Stream } from './stream.ts';

export interface PathSource {
  /** MediaMTX's names: somebody publishes, or we pull. */
  readonly type: 'rtspSession' | 'rtspSource';
  readonly id: string;
  /** Called when another publisher takes the path over. */
  close(): void;
}

export interface PathEntry {
  readonly name: string;
  readonly isConfigured: boolean;
  source: PathSource | null;
  stream: Stream | null;
  /** Why a configured source does not deliver, a sentence with its remedy. */
  sourceError: string | null;
}

/** Paths that nobody publishes to and that are not configured do not exist. */
const MAX_PATHS = 256;
const PATH_NAME = /^[\w.~-]+(?:\/[\w.~-]+)*$/;

export class PathTable {
  readonly #entries = new Map<string, PathEntry>();
  readonly #clock: { nowUs(): number; steadyUs?(): number };

  constructor(clock: { nowUs(): number; steadyUs?(): number }) {
    this.#clock = clock;
  }

  static isValidName(name: string): boolean {
    return name.length <= 100 && PATH_NAME.test(name) && !name.split('/').some((part) => /^\.+$/.test(part));
  }

  /** Declares a path that a pull source will serve. */
  configure(name: string): void {
    this.#entries.set(name, { name, isConfigured: true, source: null, stream: null, sourceError: null });
  }

  get(name: string): PathEntry | null {
    return this.#entries.get(name) ?? null;
  }

  stream(name: string): Stream | null {
    return this.#entries.get(name)?.stream ?? null;
  }

  list(): readonly PathEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Why somebody from outside may not publish here; null when he may. */
  whyNotPublish(name: string): string | null {
    if (!PathTable.isValidName(name)) return 'the path is not a valid name';
    const entry = this.#entries.get(name);
    if (entry?.isConfigured) return 'the path has a configured source';
    if (!entry && this.#entries.size >= MAX_PATHS) return 'there are too many paths';
    return null;
  }

  /** Opens the stream of a path. A stream that is there is ended: the newest publisher wins, as a restarted one must. */
  open(name: string, track: PlayableTrack, source: PathSource): Stream {
    const entry = this.#entries.get(name) ?? {
      name,
      isConfigured: false,
      source: null,
      stream: null,
      sourceError: null,
    };
    const former = entry.source;
    entry.stream?.close();
    const stream = new Stream(name, track, this.#clock);
    entry.stream = stream;
    entry.source = source;
    entry.sourceError = null;
    this.#entries.set(name, entry);
    if (former && former !== source) former.close();
    return stream;
  }

  /** Ends a stream, if it still is the one of its path. */
  end(stream: Stream): void {
    stream.close();
    const entry = this.#entries.get(stream.path);
    if (entry?.stream !== stream) return;
    entry.stream = null;
    entry.source = null;
    if (!entry.isConfigured) this.#entries.delete(stream.path);
  }

  setSourceError(name: string, error: StopsignError): void {
    const entry = this.#entries.get(name);
    if (entry) entry.sourceError = error.remedy ? `${error.message} ${error.remedy}` : error.message;
  }
}
