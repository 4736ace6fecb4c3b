/**
 * A YAML text that remembers where everything stands, so that an error can point at line and column. Pure; used by
 * `load.ts` alone.
 */
import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { StopsignError } from '../errors.ts';

export type KeyPath = readonly (string | number)[];

export class SourceText {
  readonly value: unknown;
  /** As the user named the file. */
  readonly file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  /** Throws BAD_CONFIG with the position when the text is no YAML. */
  constructor(file: string, text: string) {
    this.file = file;
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const broken = this.#document.errors[0];
    if (broken) {
      throw new StopsignError('BAD_CONFIG', `${this.#at(broken.pos[0])} is not valid YAML: ${broken.message}.`, {
        remedy: 'config/stopsign.example.yaml shows the form.',
        cause: broken,
      });
    }
    this.value = this.#document.toJS();
  }

  /** `file:line:column` of the value at `path`, or of the nearest parent that is there. */
  locate(path: KeyPath): string {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return this.#at(node.range[0]);
    }
    return this.#at(0);
  }

  /** `file:line:column` of the key itself, for a key that should not be there. */
  locateKey(parent: KeyPath, key: string): string {
    const map = parent.length === 0 ? this.#document.contents : this.#document.getIn(parent, true);
    if (isMap(map)) {
      for (const item of map.items) {
        if (isPair(item) && isScalar(item.key) && String(item.key.value) === key && item.key.range) {
          return this.#at(item.key.range[0]);
        }
      }
    }
    return this.locate(parent);
  }

  /** Whether the file itself says something at `path` (a default does not count). */
  states(path: KeyPath): boolean {
    return this.#document.hasIn(path);
  }

  /** What stands at `path`, for the sentence "found …"; undefined when nothing does. */
  found(path: KeyPath): string | undefined {
    if (!this.states(path)) return undefined;
    const node = this.#document.getIn(path, true);
    if (isMap(node)) return 'a group of keys';
    if (isSeq(node)) return `a list of ${node.items.length}`;
    const value = isScalar(node) ? node.value : node;
    return value === null ? 'nothing' : JSON.stringify(value);
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.file}:${line}:${col}`;
  }
}
