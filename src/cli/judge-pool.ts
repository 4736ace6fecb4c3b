/**
 * Stored passes judged again on all cores: one takes some milliseconds, a year has a hundred thousand. Threads of piscina,
 * started when there is work. Used by `stopsign rejudge`, whose main thread reads and writes the database meanwhile.
 */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { RejudgedPass } from '../domain/evidence/rejudge-pass.ts';
import type { PassEvent, PassEvidence, Site } from '../domain/types.ts';

export type JudgeableBatch = readonly { readonly pass: PassEvent; readonly evidence: PassEvidence }[];

/** Small enough that the threads end together, large enough that handing over costs nothing beside judging. */
const BATCH = 10;

export class JudgePool implements AsyncDisposable {
  private readonly pool: Piscina<JudgeableBatch, RejudgedPass[]>;

  /** @param sites by camera, of those that can be judged. @param threads default: one for each core */
  constructor(sites: ReadonlyMap<string, Site>, threads: number = availableParallelism()) {
    this.pool = new Piscina({
      // Threads run what is compiled, also when this file itself is not.
      filename: new URL('../../dist/cli/judge-worker.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 1_000,
      workerData: [...sites],
    });
  }

  /** In the order of `passes`, each of a camera with a site. */
  async judge(passes: JudgeableBatch): Promise<RejudgedPass[]> {
    const batches: Promise<RejudgedPass[]>[] = [];
    for (let i = 0; i < passes.length; i += BATCH) batches.push(this.pool.run(passes.slice(i, i + BATCH)));
    return (await Promise.all(batches)).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.destroy();
  }
}
