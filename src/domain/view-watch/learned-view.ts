/**
 * The view as it was learned, twice: as it has looked lately, following light and seasons, and as it was when it was
 * taken for good, which never changes and so catches a camera that sinks by a pixel a week. Changed in place.
 */
import type { EdgeMap } from './edge-map.ts';
import { Reference } from './register-view.ts';

/** Looks that the recent view remembers. */
const MEMORY = 60;
/** A reference is made anew from the running mean after so many looks. */
const RENEW_EVERY = 10;
/** Fewer patches than this decide nothing. */
export const LEAST_PATCHES = 8;

/** For the disk: edge maps as int8, ±127 = ±1. */
export interface LearnedViewData {
  readonly cols: number;
  readonly rows: number;
  readonly looks: number;
  readonly recent: Int8Array;
  readonly first: Int8Array;
}

export class LearnedView {
  readonly cols: number;
  readonly rows: number;
  private readonly mean: EdgeMap;
  private looks: number;
  private current: Reference;
  private original: Reference;

  constructor(look: EdgeMap) {
    this.cols = look.cols;
    this.rows = look.rows;
    this.mean = copyOf(look);
    this.looks = 1;
    this.current = new Reference(copyOf(look));
    this.original = this.current;
  }

  get recent(): Reference {
    return this.current;
  }

  get first(): Reference {
    return this.original;
  }

  get canDecide(): boolean {
    return this.current.patches.length >= LEAST_PATCHES;
  }

  learn({ re, im }: EdgeMap): void {
    this.looks++;
    const share = 1 / Math.min(this.looks, MEMORY);
    const { mean } = this;
    for (let i = 0; i < re.length; i++) {
      mean.re[i] = (mean.re[i] as number) + share * ((re[i] as number) - (mean.re[i] as number));
      mean.im[i] = (mean.im[i] as number) + share * ((im[i] as number) - (mean.im[i] as number));
    }
    if (this.looks <= RENEW_EVERY || this.looks % RENEW_EVERY === 0) this.current = new Reference(copyOf(mean));
  }

  /** What has been learned so far is from now on what the camera must show. */
  settle(): void {
    this.original = this.current;
  }

  data(): LearnedViewData {
    const { cols, rows, looks, mean, original } = this;
    return { cols, rows, looks: Math.min(looks, MEMORY), recent: packed(mean), first: packed(original.map) };
  }

  static from({ cols, rows, looks, recent, first }: LearnedViewData): LearnedView {
    const view = new LearnedView(unpacked(recent, cols, rows));
    view.looks = looks;
    view.original = new Reference(unpacked(first, cols, rows));
    return view;
  }
}

function copyOf({ cols, rows, re, im }: EdgeMap): EdgeMap {
  return { cols, rows, re: re.slice(), im: im.slice() };
}

function packed({ re, im }: EdgeMap): Int8Array {
  return Int8Array.from([...re, ...im], (v) => Math.round(v * 127));
}

function unpacked(bytes: Int8Array, cols: number, rows: number): EdgeMap {
  const size = cols * rows;
  const values = Float32Array.from(bytes, (v) => v / 127);
  return { cols, rows, re: values.slice(0, size), im: values.slice(size, 2 * size) };
}
