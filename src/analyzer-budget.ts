/** What the analyzer needs of a machine, by its plan: asked by the launcher before it starts one, by `doctor`, and by the analyzer. */
import type { RingPlan } from './actors/runtime/plan.ts';
import { type MemoryBudget, memoryBudget } from './machine/memory-budget.ts';
import { ringsOf } from './plan.ts';
import { FrameRing } from './shm/frame-ring.ts';
import { RecordRing } from './shm/record-ring.ts';

/** Gateway, persister, inference; and a decoder and a tracker each. */
const SHARED_ROOMS = 3;
const ROOMS_PER_CAMERA = 2;

export function analyzerBudget(cameras: readonly string[]): MemoryBudget {
  const rings = ringsOf(cameras).map((ring) => ({ name: ring.name, bytes: bytesOf(ring) }));
  return memoryBudget(rings, SHARED_ROOMS + ROOMS_PER_CAMERA * cameras.length);
}

function bytesOf(ring: RingPlan): number {
  return ring.kind === 'frames' ? FrameRing.bytesFor(ring.spec) : RecordRing.bytesFor(ring.spec);
}
