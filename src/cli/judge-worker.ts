/** A thread of `judge-pool.ts`: judges stored passes again under the sites that it was started with. */
import { workerData } from 'piscina';
import { type RejudgedPass, type Rejudging, rejudgePass } from '../domain/evidence/rejudge-pass.ts';
import type { Site } from '../domain/types.ts';
import type { JudgeableBatch } from './judge-pool.ts';
import { rejudgingUnder } from './rejudging-under.ts';

const under = new Map<string, Rejudging>(
  (workerData as readonly (readonly [string, Site])[]).map(([camera, site]) => [camera, rejudgingUnder(site)]),
);

export default function judge(batch: JudgeableBatch): RejudgedPass[] {
  return batch.map(({ pass, evidence }) => rejudgePass(pass, evidence, under.get(pass.camera) as Rejudging));
}
