/**
 * What a camera's view looked like when it was calibrated, on disk: a file of about 80 kB in the data folder, so that a
 * camera that was moved while nobody looked is found out at the next start, and one that was found out stays so. It does
 * not need the database, which may be away. Written beside and renamed; a file that cannot be used counts as none.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LearnedViewData } from '../domain/view-watch/learned-view.ts';
import type { ViewWatchData } from '../domain/view-watch/view-watch.ts';

export interface ViewFileOptions {
  readonly path: string;
  /** Of what was calibrated on the view: under another one the view is learned anew. */
  readonly version: string;
  onProblem(sentence: string): void;
}

interface FileForm {
  readonly v: 1;
  readonly version: string;
  readonly learned:
    | (Omit<LearnedViewData, 'recent' | 'first'> & { readonly recent: string; readonly first: string })
    | null;
  readonly suspension: ViewWatchData['suspension'];
  readonly ended: ViewWatchData['ended'];
  readonly confirmedUtc?: ViewWatchData['confirmedUtc'];
}

export class ViewFile {
  private readonly options: ViewFileOptions;
  private writing: Promise<void> = Promise.resolve();
  private next: ViewWatchData | null = null;

  constructor(options: ViewFileOptions) {
    this.options = options;
  }

  async load(): Promise<ViewWatchData | null> {
    const { path, version, onProblem } = this.options;
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onProblem(cannot('read', error));
      return null;
    }
    try {
      const form = JSON.parse(text) as FileForm;
      return form.v === 1 && form.version === version ? parsed(form) : null;
    } catch (error) {
      onProblem(cannot('read', error));
      return null;
    }
  }

  /** Written soon; of several that wait only the last. */
  save(data: ViewWatchData): void {
    const isWaiting = this.next !== null;
    this.next = data;
    if (!isWaiting) this.writing = this.writing.then(() => this.write());
  }

  /** Resolves when all is written, or could not be. */
  saved(): Promise<void> {
    return this.writing;
  }

  private async write(): Promise<void> {
    const { path, version, onProblem } = this.options;
    const data = this.next;
    this.next = null;
    if (!data) return;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, JSON.stringify(formOf(data, version)));
      await rename(`${path}.new`, path);
    } catch (error) {
      onProblem(cannot('write', error));
    }
  }
}

function formOf({ learned, suspension, ended, confirmedUtc }: ViewWatchData, version: string): FileForm {
  const text = (bytes: Int8Array): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  const packed = learned && { ...learned, recent: text(learned.recent), first: text(learned.first) };
  return { v: 1, version, learned: packed, suspension, ended, confirmedUtc };
}

function parsed({ learned, suspension, ended, confirmedUtc }: FileForm): ViewWatchData {
  if (!learned) return { learned: null, suspension, ended, confirmedUtc };
  const bytes = (text: string): Int8Array => {
    const found = Int8Array.from(Buffer.from(text, 'base64'), (v) => (v << 24) >> 24);
    if (found.length !== learned.cols * learned.rows * 2) throw new RangeError('the learned view is incomplete');
    return found;
  };
  return {
    learned: { ...learned, recent: bytes(learned.recent), first: bytes(learned.first) },
    suspension,
    ended,
    confirmedUtc,
  };
}

function cannot(what: string, error: unknown): string {
  return `Cannot ${what} what the camera's view looked like: ${(error as Error).message}.`;
}
