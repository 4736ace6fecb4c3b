/** How many connections each address holds open, with a limit. Used by the live route and for tRPC's streams. */

export class OpenConnections {
  readonly limit: number;
  private readonly counts = new Map<string, number>();

  /** @param limit of one address */
  constructor(limit: number) {
    this.limit = limit;
  }

  isFull(address: string): boolean {
    return this.of(address) >= this.limit;
  }

  of(address: string): number {
    return this.counts.get(address) ?? 0;
  }

  add(address: string): void {
    this.counts.set(address, this.of(address) + 1);
  }

  /** Once for each `add`. */
  remove(address: string): void {
    const left = this.of(address) - 1;
    if (left > 0) this.counts.set(address, left);
    else this.counts.delete(address);
  }
}
