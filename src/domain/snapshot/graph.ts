/**
 * Any state of the domain as plain JSON data, and back, exactly: class instances, Maps, Float64Arrays, objects that two
 * others share, cycles, NaN, −0 and infinities. Nothing of the state has to be listed, so a field that is added to a class
 * is in the next snapshot by itself. What cannot be data (functions, unknown classes) is refused with its path. Fields
 * must be plain or TypeScript-private; `#private` ones cannot be seen. Pure.
 *
 *   value      null, true, false, string, finite number: as it is; all else an array that begins with a tag
 *   tag        0 list · −1 Map · −2 Set · −3 Float64Array · −4 shared object · −5 number that JSON lacks · −6 external
 *              k ≥ 1: an object of shape k − 1, followed by the values of its keys
 *   shape      [class name or '', key, key …]
 */
import { StopsignError } from '../../errors.ts';

export interface GraphData {
  readonly root: unknown;
  /** Objects that more than one other refers to. */
  readonly shared: readonly unknown[];
  readonly shapes: readonly (readonly string[])[];
}

export interface GraphKinds {
  /** Classes by the name they are stored under. */
  readonly classes: Readonly<Record<string, abstract new (...args: never[]) => object>>;
  /** Objects that both sides have anyway, by name. */
  readonly externals: Readonly<Record<string, object>>;
}

const TAG = { list: 0, map: -1, set: -2, floats: -3, shared: -4, number: -5, external: -6 } as const;
const ODD_NUMBERS: Readonly<Record<string, number | undefined>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
  undefined: undefined,
};

/** @throws StopsignError INTERNAL naming the path of what cannot be stored */
export function freezeGraph(root: object, kinds: GraphKinds): GraphData {
  return new Freezer(kinds).freeze(root);
}

/** @throws StopsignError INTERNAL when the data is not of this form, or of classes that are not known */
export function thawGraph(data: GraphData, kinds: GraphKinds): unknown {
  return new Thawer(data, kinds).thaw(data.root);
}

class Freezer {
  private readonly names = new Map<unknown, string>();
  private readonly externals = new Map<unknown, string>();
  private readonly uses = new Map<object, number>();
  private readonly places = new Map<object, number>();
  private readonly shared: unknown[] = [];
  private readonly shapes: string[][] = [];
  private readonly shapeNumbers = new Map<string, number>();

  constructor({ classes, externals }: GraphKinds) {
    for (const [name, type] of Object.entries(classes)) this.names.set(type.prototype, name);
    for (const [name, object] of Object.entries(externals)) this.externals.set(object, name);
  }

  freeze(root: object): GraphData {
    this.count(root, 'state');
    return { root: this.value(root), shared: this.shared, shapes: this.shapes };
  }

  /** How often each object is referred to; the second time its parts are not counted again. */
  private count(value: unknown, path: string): void {
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
      throw new StopsignError('INTERNAL', `A snapshot cannot hold the ${typeof value} at ${path}.`);
    }
    if (typeof value !== 'object' || value === null || this.externals.has(value)) return;
    const before = this.uses.get(value) ?? 0;
    this.uses.set(value, before + 1);
    if (before > 0 || value instanceof Float64Array) return;
    if (Array.isArray(value) || value instanceof Set) {
      let i = 0;
      for (const item of value) this.count(item, `${path}[${i++}]`);
    } else if (value instanceof Map) {
      for (const [key, item] of value) {
        this.count(key, `${path} key`);
        this.count(item, `${path}[${String(key)}]`);
      }
    } else {
      this.nameOf(value, path);
      for (const [key, item] of Object.entries(value)) this.count(item, `${path}.${key}`);
    }
  }

  private value(value: unknown): unknown {
    if (value === undefined) return [TAG.number, 'undefined'];
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
      return [TAG.number, Object.is(value, -0) ? '-0' : String(value)];
    }
    if (typeof value !== 'object' || value === null) return value;
    const external = this.externals.get(value);
    if (external !== undefined) return [TAG.external, external];
    if ((this.uses.get(value) as number) < 2) return this.parts(value);
    const known = this.places.get(value);
    if (known !== undefined) return [TAG.shared, known];
    const place = this.shared.push(null) - 1;
    this.places.set(value, place);
    this.shared[place] = this.parts(value);
    return [TAG.shared, place];
  }

  private parts(value: object): unknown[] {
    if (Array.isArray(value)) return [TAG.list, ...value.map((item) => this.value(item))];
    if (value instanceof Map) return [TAG.map, ...[...value].flat().map((item) => this.value(item))];
    if (value instanceof Set) return [TAG.set, ...[...value].map((item) => this.value(item))];
    if (value instanceof Float64Array) return [TAG.floats, ...[...value].map((item) => this.value(item))];
    const keys = Object.keys(value);
    const fields = value as Record<string, unknown>;
    return [this.shapeOf([this.nameOf(value, ''), ...keys]), ...keys.map((key) => this.value(fields[key]))];
  }

  private shapeOf(shape: string[]): number {
    const key = shape.join('\n');
    const known = this.shapeNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.shapes.push(shape);
    this.shapeNumbers.set(key, number);
    return number;
  }

  private nameOf(value: object, path: string): string {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return '';
    const name = this.names.get(prototype);
    if (name !== undefined) return name;
    throw new StopsignError('INTERNAL', `A snapshot does not know the class ${value.constructor.name} at ${path}.`);
  }
}

class Thawer {
  private readonly data: GraphData;
  private readonly kinds: GraphKinds;
  private readonly built = new Map<number, object>();

  constructor(data: GraphData, kinds: GraphKinds) {
    this.data = data;
    this.kinds = kinds;
  }

  thaw(value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    const [tag, first] = value as [number, unknown];
    if (tag === TAG.number) return ODD_NUMBERS[first as string];
    if (tag === TAG.external) return this.kinds.externals[first as string] ?? broken(`external ${first}`);
    if (tag !== TAG.shared) return this.fill(this.shell(value), value);
    const known = this.built.get(first as number);
    if (known) return known;
    const parts = this.data.shared[first as number];
    if (!Array.isArray(parts)) return broken(`shared ${first}`);
    const shell = this.shell(parts);
    // Known before it is filled: what it holds may refer back to it.
    this.built.set(first as number, shell);
    return this.fill(shell, parts);
  }

  private shell(parts: readonly unknown[]): object {
    const tag = parts[0] as number;
    if (tag === TAG.list) return [];
    if (tag === TAG.map) return new Map();
    if (tag === TAG.set) return new Set();
    if (tag === TAG.floats) return new Float64Array(parts.length - 1);
    const name = this.data.shapes[tag - 1]?.[0] ?? broken(`tag ${tag}`);
    if (name === '') return {};
    const type = this.kinds.classes[name] ?? broken(`class ${name}`);
    return Object.create(type.prototype as object) as object;
  }

  private fill(shell: object, parts: readonly unknown[]): object {
    const items = parts.slice(1);
    if (Array.isArray(shell)) for (const item of items) shell.push(this.thaw(item));
    else if (shell instanceof Map) {
      for (let i = 0; i < items.length; i += 2) shell.set(this.thaw(items[i]), this.thaw(items[i + 1]));
    } else if (shell instanceof Set) for (const item of items) shell.add(this.thaw(item));
    else if (shell instanceof Float64Array) {
      items.forEach((item, i) => {
        shell[i] = this.thaw(item) as number;
      });
    } else {
      const [, ...keys] = this.data.shapes[(parts[0] as number) - 1] as string[];
      const fields = shell as Record<string, unknown>;
      keys.forEach((key, i) => {
        fields[key] = this.thaw(items[i]);
      });
    }
    return shell;
  }
}

function broken(what: string): never {
  throw new StopsignError('INTERNAL', `A snapshot is damaged or of another program: ${what}.`);
}
