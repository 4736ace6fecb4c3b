/**
 * One progress bar for every command that takes a while. On a terminal it is drawn on stderr; otherwise a line after two
 * seconds, and then one every ten, says how far it is, so that a log file stays readable.
 */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress extends Disposable {
  /** @param note a few words shown behind the bar, e.g. `112 fps` */
  update(done: number, note?: string): void;
  /** Takes the bar away or says the last line; idempotent. */
  stop(): void;
}

export interface ProgressOptions {
  /** What is being done, e.g. `frames`. */
  readonly label: string;
  /** 0 when it is not known. */
  readonly total: number;
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Monotonic, ms. */
  now?(): number;
}

const FIRST_LINE_MS = 2_000;
const LINE_EVERY_MS = 10_000;

export function startProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stderr;
  return stream.isTTY ? new BarProgress(options, stream) : new LineProgress(options, stream);
}

class BarProgress implements Progress {
  readonly #bar: SingleBar;

  constructor({ label, total }: ProgressOptions, stream: NodeJS.WritableStream) {
    const scale = total > 0 ? '{bar} {percentage}% · {value}/{total}' : '{value}';
    this.#bar = new SingleBar(
      { format: `${label} ${scale} {note}`, stream, hideCursor: true, clearOnComplete: true, etaBuffer: 50 },
      Presets.shades_classic,
    );
    this.#bar.start(total, 0, { note: '' });
  }

  update(done: number, note = ''): void {
    this.#bar.update(done, { note: note && `· ${note}` });
  }

  stop(): void {
    this.#bar.stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

class LineProgress implements Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #stream: NodeJS.WritableStream;
  readonly #now: () => number;
  #nextMs: number;

  constructor({ label, total, now }: ProgressOptions, stream: NodeJS.WritableStream) {
    this.#label = label;
    this.#total = total;
    this.#stream = stream;
    this.#now = now ?? (() => performance.now());
    this.#nextMs = this.#now() + FIRST_LINE_MS;
  }

  update(done: number, note = ''): void {
    if (this.#now() < this.#nextMs) return;
    this.#nextMs = this.#now() + LINE_EVERY_MS;
    const share = this.#total > 0 ? ` of ${this.#total} (${Math.floor((100 * done) / this.#total)} %)` : '';
    this.#stream.write(`${this.#label}: ${done}${share}${note && `, ${note}`}\n`);
  }

  stop(): void {}

  [Symbol.dispose](): void {
    this.stop();
  }
}
