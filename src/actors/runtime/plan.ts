/** What the supervisor is given: rings and actors as data. Built in src/plan.ts, checked here. */
import type { FrameRingSpec } from '../../shm/frame-ring-layout.ts';
import type { RecordRingSpec } from '../../shm/record-ring.ts';
import type { ChildSpec } from './child-spec.ts';

export type RingPlan =
  | { readonly name: string; readonly kind: 'frames'; readonly spec: FrameRingSpec }
  | { readonly name: string; readonly kind: 'records'; readonly spec: RecordRingSpec };

export interface Plan {
  readonly rings: readonly RingPlan[];
  /** In start order; stopped in reverse. */
  readonly children: readonly ChildSpec[];
}

/** The supervisor may itself write a ring (its incidents go to the persister). */
export const SUPERVISOR = 'supervisor';

/** Who writes and who reads each ring; throws when a ring does not have exactly one of each. */
export function ringEnds(plan: Plan): ReadonlyMap<string, { readonly writer: string; readonly reader: string }> {
  const ends = new Map<string, { writer: string; reader: string }>();
  for (const ring of plan.rings) {
    const writers = plan.children.filter((child) => child.writes.includes(ring.name));
    const readers = plan.children.filter((child) => child.reads.includes(ring.name));
    if (writers.length > 1 || readers.length !== 1) {
      throw new RangeError(
        `ring ${ring.name} needs one writer and one reader, the plan has ${writers.length} and ${readers.length}`,
      );
    }
    ends.set(ring.name, { writer: writers[0]?.name ?? SUPERVISOR, reader: (readers[0] as ChildSpec).name });
  }
  return ends;
}
