/** Cuts a child's output into lines, whatever the chunks. Pure; one per stream. */

const LONGEST_LINE = 64 * 1024;

export class LineSplitter {
  #rest = '';

  /** The lines that are complete now, without their ends; a line that never ends is cut. */
  push(chunk: string): string[] {
    const lines = (this.#rest + chunk).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST_LINE) {
      lines.push(this.#rest);
      this.#rest = '';
    }
    return lines.filter((line) => line !== '');
  }

  /** What is left when the stream ends. */
  end(): string[] {
    const last = this.#rest;
    this.#rest = '';
    return last === '' ? [] : [last];
  }
}
