/**
 * One hash over all events of a run, in order: two replays agree exactly when their hashes do. Called by the replay
 * command. Pure and incremental.
 */
import { canonicalJson } from './canonical-json.ts';
import { Hash128 } from './hash128.ts';
import type { StopsignEvent } from './types.ts';

export class EventHash {
  private readonly hash = new Hash128();
  count = 0;

  add(event: StopsignEvent): void {
    this.count++;
    this.hash.update(canonicalJson(event));
    this.hash.update('\n');
  }

  /** 32 hexadecimal digits of all events so far. */
  hex(): string {
    return this.hash.hex();
  }
}
