/**
 * What a pass was judged on, as plain data that can be stored: every box of the vehicle with its time and who was in
 * front of it. Packed when a pass closes, unpacked when it is judged again. Pure.
 *
 * Why not the smoothed samples (`PassSample`): they are the result of one configuration and cover the zone only, while
 * the judge's trajectory takes the vehicle's whole way into account.
 */
import type { SiteGeometry } from '../geometry/site-geometry.ts';
import type { Lead, Sample } from '../stop/sample.ts';
import type { Box, EvidenceRow, PassEvidence } from '../types.ts';
import { boxSample } from './box-sample.ts';

/** Bits of a row's last number. */
const IN_FRONT = 1;
const BEFORE_LINE = 2;
const STANDING = 4;

export function packEvidence(samples: readonly Sample[], about: Omit<PassEvidence, 'v' | 'rows'>): PassEvidence {
  const rows = samples.map(
    ({ tsUtc, box, score, lead }): EvidenceRow => [tsUtc, box[0], box[1], box[2], box[3], score, packLead(lead)],
  );
  return { v: 1, ...about, rows };
}

/** The samples as they were seen, in the geometry given; boxes are scaled when its picture has another size. */
export function unpackEvidence(evidence: PassEvidence, geometry: SiteGeometry): Sample[] {
  const sx = geometry.imageWidth / evidence.image.width;
  const sy = geometry.imageHeight / evidence.image.height;
  const samples: Sample[] = [];
  let lengthM: number | null = null;
  for (const [tsUtc, x1, y1, x2, y2, score, lead] of evidence.rows) {
    const box: Box = sx === 1 && sy === 1 ? [x1, y1, x2, y2] : [x1 * sx, y1 * sy, x2 * sx, y2 * sy];
    const seen = boxSample(geometry, evidence.vehicle, { tsUtc, box, score }, { before: samples.at(-1), lengthM });
    lengthM = seen.lengthM;
    seen.sample.lead = unpackLead(lead);
    samples.push(seen.sample);
  }
  return samples;
}

function packLead(lead: Lead | null): number {
  if (!lead) return 0;
  return IN_FRONT | (lead.isBeforeLine ? BEFORE_LINE : 0) | (lead.isStanding ? STANDING : 0);
}

function unpackLead(bits: number): Lead | null {
  if ((bits & IN_FRONT) === 0) return null;
  return { isBeforeLine: (bits & BEFORE_LINE) !== 0, isStanding: (bits & STANDING) !== 0 };
}
