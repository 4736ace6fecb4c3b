/**
 * The last passes, in memory: what `passes.watch` resumes from, and what the page still shows while the database is
 * away. Fed by the gateway's actor from the tracks rings.
 */
import type { PassEvent } from '../../domain/types.ts';
import type { PassQuery } from '../../rpc/api/ports.ts';
import { Broadcast } from './broadcast.ts';

const REMEMBERED = 200;

export class RecentPasses {
  /** Oldest first. */
  private readonly passes: PassEvent[] = [];
  private readonly news = new Broadcast<PassEvent>();

  add(pass: PassEvent): void {
    this.passes.push(pass);
    if (this.passes.length > REMEMBERED) this.passes.shift();
    this.news.publish(pass);
  }

  byId(id: string): PassEvent | null {
    return this.passes.find((pass) => pass.id === id) ?? null;
  }

  /** What is remembered, together with what the store knows; newest first, each pass once. */
  merge(stored: readonly PassEvent[], { camera, limit, before }: PassQuery): readonly PassEvent[] {
    const matching = this.passes.filter(
      (pass) => (camera ?? pass.camera) === pass.camera && (before === undefined || pass.entered_utc < before),
    );
    const byId = new Map([...matching, ...stored].map((pass) => [pass.id, pass]));
    return [...byId.values()].sort((a, b) => b.entered_utc - a.entered_utc).slice(0, limit);
  }

  /** Those after the pass `afterId` that are remembered (all, if it was forgotten already), then each as it happens. */
  async *watch(
    camera: string | undefined,
    afterId: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<PassEvent, void> {
    const news = this.news.subscribe(signal, REMEMBERED);
    const missed =
      afterId === undefined ? [] : this.passes.slice(this.passes.findIndex(({ id }) => id === afterId) + 1);
    const wanted = (pass: PassEvent): boolean => camera === undefined || pass.camera === camera;
    yield* missed.filter(wanted);
    for await (const pass of news) if (wanted(pass)) yield pass;
  }
}
