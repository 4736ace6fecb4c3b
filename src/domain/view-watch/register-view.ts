/**
 * A picture against the reference: how far the view has moved, and how much of it can still be seen. Robust to what
 * moves in the picture and to light (see edge-map); what it cannot recognise it says. Pure.
 */
import { CoarseReference, coarseShifts } from './coarse-shift.ts';
import { type EdgeMap, energyIn, energySums } from './edge-map.ts';
import { fitSimilarity, residual, type Similarity } from './fit-similarity.ts';
import { choosePatches, matchPatch, PATCH_CELLS, type Patch, type PatchMatch } from './patches.ts';

export interface Registration {
  /** Patches that the reference offers and that lie inside the picture. */
  readonly patches: number;
  /** Share of them that is where the movement puts it, 0 … 1. */
  readonly matched: number;
  /** Share of the picture's twelve parts in which something was found, 0 … 1: other light leaves a little everywhere. */
  readonly spread: number;
  /** Share that has lost its edges, 0 … 1. */
  readonly faded: number;
  readonly movement: Similarity;
  /** Root mean square over the picture of how far the movement takes its points, cells. */
  readonly displacement: number;
}

/** Correlation from which a patch counts as found. */
const FOUND = 0.4;
/** Cells. */
const OUTLIER = 1;
/** Or less than this is lost of its correlation: along its only edge a patch may lie anywhere. */
const LOSS = 0.06;
const FADED = 0.3;
/** With this share found where expected, nobody looks elsewhere. */
const SURELY = 0.45;
const ONE_OF = 3;
/** With less than this of the few found, a place is none. */
const HINT = 0.15;
const NEAR = 2;
const WIDE = 3;
/** With more than this faded there is nothing to look for. */
const HOPELESS = 0.95;

export class Reference {
  readonly map: EdgeMap;
  readonly patches: readonly Patch[];
  /** A few of them, enough to see whether a place is worth a closer look. */
  readonly few: readonly Patch[];
  private made: CoarseReference | null = null;

  constructor(map: EdgeMap) {
    this.map = map;
    this.patches = choosePatches(map.cols, map.rows, energySums(map));
    this.few = this.patches.filter((_, i) => i % ONE_OF === 0);
  }

  /** Made when it is first asked for: mostly it is not. */
  get coarse(): CoarseReference {
    this.made ??= new CoarseReference(this.map);
    return this.made;
  }
}

/** @param expected where it was last, whole cells: tried first */
export function registerView(
  reference: Reference,
  look: EdgeMap,
  expected: readonly [dx: number, dy: number] = [0, 0],
): Registration {
  const sums = energySums(look);
  const best = attempt(reference, look, sums, expected, NEAR);
  if (best.matched >= SURELY || best.faded >= HOPELESS || best.patches === 0) return best;
  const few = { map: reference.map, patches: reference.few };
  const samples = [expected, ...coarseShifts(reference.coarse, look)].map((place) => ({
    place,
    matched: attempt(few, look, sums, place, WIDE).matched,
  }));
  const { place, matched } = samples.reduce((a, b) => (b.matched > a.matched ? b : a));
  if (matched < HINT) return best;
  const other = attempt(reference, look, sums, place, WIDE);
  return other.matched * other.patches > best.matched * best.patches ? other : best;
}

function attempt(
  { map, patches }: Pick<Reference, 'map' | 'patches'>,
  look: EdgeMap,
  sums: Float64Array,
  around: readonly [number, number],
  reach: number,
): Registration {
  const matches: PatchMatch[] = [];
  let offered = 0;
  let faded = 0;
  for (const patch of patches) {
    const match = matchPatch(map, look, sums, patch, around, reach);
    if (!match) continue;
    offered++;
    if (match.score >= FOUND) matches.push(match);
    else if (energyIn(sums, look.cols, patch.x + around[0], patch.y + around[1], PATCH_CELLS) < FADED * patch.energy)
      faded++;
  }
  const centre = [map.cols / 2, map.rows / 2] as const;
  const movement = fitSimilarity(matches, centre);
  const inliers = matches.filter((match) => fits(movement, match, centre));
  return {
    patches: offered,
    matched: offered === 0 ? 0 : inliers.length / offered,
    spread: spreadOf(
      inliers.map(({ patch }) => patch),
      patches,
      map,
    ),
    faded: offered === 0 ? 0 : faded / offered,
    movement,
    displacement: displaced(movement, centre),
  };
}

function spreadOf(found: readonly Patch[], all: readonly Patch[], { cols, rows }: EdgeMap): number {
  const part = ({ x, y }: Patch): number => Math.floor((x * 4) / cols) + 4 * Math.floor((y * 3) / rows);
  return new Set(found.map(part)).size / Math.max(1, new Set(all.map(part)).size);
}

function fits(movement: Similarity, match: PatchMatch, centre: readonly [number, number]): boolean {
  const [rx, ry] = residual(movement, match, centre);
  const [xx, xy, yy] = match.curvature;
  if (Math.hypot(rx, ry) <= OUTLIER) return true;
  return Math.hypot(rx, ry) <= 3 * OUTLIER && (xx * rx * rx + 2 * xy * rx * ry + yy * ry * ry) / 2 < LOSS;
}

/** How far a movement takes the picture's points, root mean square over the picture, cells. */
export function displaced({ tx, ty, zoom, turn }: Similarity, [cx, cy]: readonly [number, number]): number {
  return Math.sqrt(tx * tx + ty * ty + ((zoom * zoom + turn * turn) * (cx * cx + cy * cy)) / 3);
}
