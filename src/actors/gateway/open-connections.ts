/** How many connections each address holds open, and all together, with limits. Used by the live route and for tRPC's streams. */

export class OpenConnections {
  private readonly limit: number;
  private readonly most: number;
  private readonly counts = new Map<string, number>();
  private open = 0;

  /**
   * @param limit of one address
   * @param most of all: whoever has many addresses does not get all the memory
   */
  constructor(limit: number, most: number) {
    this.limit = limit;
    this.most = most;
  }

  isFull(address: string): boolean {
    return this.open >= this.most || this.of(address) >= this.limit;
  }

  of(address: string): number {
    return this.counts.get(address) ?? 0;
  }

  add(address: string): void {
    this.open += 1;
    this.counts.set(address, this.of(address) + 1);
  }

  /** Once for each `add`. */
  remove(address: string): void {
    this.open -= 1;
    const left = this.of(address) - 1;
    if (left > 0) this.counts.set(address, left);
    else this.counts.delete(address);
  }
}
