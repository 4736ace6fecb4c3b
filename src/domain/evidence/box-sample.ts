/**
 * From a box to what the judge keeps of a frame. The live analyzer and the re-judging of stored passes both come
 * through here, so that the same boxes give the same samples. Pure.
 */
import { type SiteGeometry, toRoad } from '../geometry/site-geometry.ts';
import { contactPoint, footprint } from '../stop/footprint.ts';
import type { Sample } from '../stop/sample.ts';
import { vehicleSize } from '../stop/vehicle-size.ts';
import type { Box } from '../types.ts';

/** Live lateral place: loosely held where it was. */
const ACROSS_SIGMA_M = 1;
const LENGTH_MEMORY = 0.1;

export interface SeenBox {
  readonly tsUtc: number;
  readonly box: Box;
  readonly score: number;
}

/** What is remembered of the vehicle from the boxes before. */
export interface BoxMemory {
  /** The newest sample; undefined at the first box. */
  readonly before: Sample | undefined;
  /** Running estimate; null until a first footprint was found. */
  readonly lengthM: number | null;
}

/** The sample without a leader (that needs all vehicles of the frame), and the new estimate of the length. */
export function boxSample(
  geometry: SiteGeometry,
  vehicleClass: string,
  { tsUtc, box, score }: SeenBox,
  { before, lengthM }: BoxMemory,
): { readonly sample: Sample; readonly lengthM: number | null } {
  const size = vehicleSize(vehicleClass);
  const contact = contactPoint(geometry, box);
  const print = footprint(geometry, box, {
    ...size,
    lengthM: lengthM ?? size.lengthM,
    lengthSigmaM: lengthM === null ? size.lengthSigmaM : size.lengthSigmaM / 2,
    across: before?.across ?? (contact ? toRoad(geometry, contact)[1] : 0),
    acrossSigma: ACROSS_SIGMA_M,
  });
  const length = print ? (lengthM ?? print.length) * (1 - LENGTH_MEMORY) + print.length * LENGTH_MEMORY : lengthM;
  return {
    lengthM: length,
    sample: {
      tsUtc,
      box,
      score,
      along: print?.along ?? null,
      across: print?.across ?? null,
      length: length ?? size.lengthM,
      sigma: print?.sigma ?? 1,
      contact,
      lead: null,
    },
  };
}
