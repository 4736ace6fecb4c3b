/**
 * The state of one camera's tracker on disk, for the process after this one (adr/0017): written now and then by the
 * tracker's thread, not waited for, beside and renamed. The first line says what it is; a file that is torn, of another
 * camera or form counts as none. Whether its state is of use is for the tracker to say.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AnalyzerSnapshot } from '../domain/snapshot/analyzer-snapshot.ts';

const FORM = 'stopsign tracker state 2';

/** All that is not in the body, which the checksum is of, is compared with what it has to be. */
interface Header {
  readonly form: typeof FORM;
  readonly sha256: string;
}

export interface SavedState {
  /** Wall clock of the process that wrote it, UTC µs. */
  readonly savedUs: number;
  /** Facts as JSON that nobody had taken when it was written. */
  readonly untold: readonly string[];
  readonly snapshot: AnalyzerSnapshot;
}

interface Body extends SavedState {
  readonly camera: string;
}

export interface TrackerStateFileOptions {
  readonly path: string;
  readonly camera: string;
  /** Once for each trouble, not for each attempt. */
  onProblem(sentence: string): void;
}

export class TrackerStateFile {
  private readonly options: TrackerStateFileOptions;
  private writing: Promise<void> | null = null;
  private hasTrouble = false;

  constructor(options: TrackerStateFileOptions) {
    this.options = options;
  }

  /** The last write is under way still: a slow disk. */
  get isBusy(): boolean {
    return this.writing !== null;
  }

  /** What the process before left; null when there is nothing, or nothing that can be used. */
  read(): SavedState | null {
    const { path, camera, onProblem } = this.options;
    try {
      const text = readFileSync(path, 'utf8');
      const end = text.indexOf('\n');
      const header = JSON.parse(text.slice(0, end)) as Header;
      if (header.form !== FORM) throw new Error('it is of another version');
      const body = text.slice(end + 1);
      if (digest(body) !== header.sha256) throw new Error('it is damaged');
      const { camera: whose, ...state } = JSON.parse(body) as Body;
      if (whose !== camera) throw new Error('it is of another camera');
      return state;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        onProblem(`passes over what the last process left in ${path}: ${(error as Error).message}`);
      }
      return null;
    }
  }

  /** Begins to write; not while the write before is under way. Returns how many characters it will be. */
  write(state: SavedState): number {
    if (this.writing) return 0;
    const text = this.encode(state);
    this.writing = this.put(text).finally(() => {
      this.writing = null;
    });
    return text.length;
  }

  /** At the end, when nothing else is to be done: waits for the disk. */
  writeLast(state: SavedState): void {
    const { path } = this.options;
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.last`, this.encode(state));
      renameSync(`${path}.last`, path);
    } catch (error) {
      this.tell(error);
    }
  }

  /** When no write is under way any more. */
  async idle(): Promise<void> {
    await this.writing;
  }

  private async put(text: string): Promise<void> {
    const { path } = this.options;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
      this.hasTrouble = false;
    } catch (error) {
      this.tell(error);
    }
  }

  private tell(error: unknown): void {
    if (!this.hasTrouble) this.options.onProblem(`cannot write its state to disk: ${(error as Error).message}`);
    this.hasTrouble = true;
  }

  private encode(state: SavedState): string {
    const body: Body = { camera: this.options.camera, ...state };
    const text = JSON.stringify(body);
    const header: Header = { form: FORM, sha256: digest(text) };
    return `${JSON.stringify(header)}\n${text}`;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
