/** The end of a replay: takes live messages and facts out of their rings, keeps count, and hands on what was asked for. */

import type { Actor } from '../actors/runtime/actor.ts';
import type { Room } from '../actors/runtime/room.ts';
import { EventHash } from '../domain/event-hash.ts';
import type { StopsignEvent, Verdict } from '../domain/types.ts';
import { type DetectionsRecord, decodeRecord, type Fact } from '../rpc/records.ts';
import type { RecordRingReader } from '../shm/record-ring.ts';

export interface ReplayCounts {
  frames: number;
  detections: number;
  readonly passes: Record<Verdict, number>;
}

export interface ReplayTakers {
  onEvent?(event: StopsignEvent): void;
  onFrame?(record: DetectionsRecord): void;
}

export class ReplaySink implements Actor {
  readonly name: string;
  readonly counts: ReplayCounts = {
    frames: 0,
    detections: 0,
    passes: { full_stop: 0, rolling_stop: 0, no_stop: 0, indeterminate: 0 },
  };
  private readonly hash = new EventHash();
  private readonly tracks: RecordRingReader;
  private readonly facts: RecordRingReader;
  private readonly takers: ReplayTakers;

  constructor(room: Room<unknown>, camera: string, takers: ReplayTakers) {
    this.name = room.name;
    this.tracks = room.recordReader(`tracks:${camera}`);
    this.facts = room.recordReader(`facts:${camera}`);
    this.takers = takers;
  }

  /** Of all events so far, in order. */
  get eventHash(): string {
    return this.hash.hex();
  }

  doWork(): number {
    const live = this.tracks.drain(() => {}, Number.POSITIVE_INFINITY);
    return (
      live + this.facts.drain((_type, payload) => this.take(decodeRecord<Fact>(payload)), Number.POSITIVE_INFINITY)
    );
  }

  /** What the tracker said while it closed. */
  onClose(): void {
    this.doWork();
  }

  private take(fact: Fact): void {
    if (fact.kind === 'frame') {
      this.counts.frames += 1;
      this.counts.detections += fact.record.detections.length;
      this.takers.onFrame?.(fact.record);
    } else if (fact.kind === 'event') {
      if (fact.event.type === 'pass') this.counts.passes[fact.event.verdict] += 1;
      this.hash.add(fact.event);
      this.takers.onEvent?.(fact.event);
    }
  }
}
