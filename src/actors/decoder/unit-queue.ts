/**
 * Access units between the socket and the decoder. Bounded: when decoding cannot keep up, everything up to the next
 * key unit is thrown away at once (a decoder cannot use the rest) and counted.
 */
import type { AccessUnit } from '../../media/access-unit.ts';

export class UnitQueue {
  private readonly units: AccessUnit[] = [];
  private readonly limit: number;
  private isWaitingForKey = true;

  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.units.length;
  }

  /** Returns how many units were lost by this call (the new one included, if it is of no use). */
  push(unit: AccessUnit): number {
    const last = this.units.at(-1);
    if (last && last.epoch !== unit.epoch) this.isWaitingForKey = true;
    if (unit.key) {
      const lost = this.units.length >= this.limit ? this.units.splice(0).length : 0;
      this.isWaitingForKey = false;
      this.units.push(unit);
      return lost;
    }
    if (this.isWaitingForKey) return 1;
    if (this.units.length < this.limit) {
      this.units.push(unit);
      return 0;
    }
    this.isWaitingForKey = true;
    return this.units.splice(0).length + 1;
  }

  tryTake(): AccessUnit | null {
    return this.units.shift() ?? null;
  }

  /** Forgets everything up to the next key unit; returns how many were waiting. */
  waitForKey(): number {
    const nextKey = this.units.findIndex((unit) => unit.key);
    this.isWaitingForKey = nextKey < 0;
    return this.units.splice(0, nextKey < 0 ? this.units.length : nextKey).length;
  }
}
