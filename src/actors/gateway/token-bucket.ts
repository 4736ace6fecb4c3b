/** Limits how often one address may do something. Bounded memory: addresses that are full again are forgotten. */

export interface BucketSpec {
  /** Tokens that come back a second. */
  readonly perSecond: number;
  /** Tokens of a full bucket: the largest burst. */
  readonly burst: number;
}

const MAX_ADDRESSES = 10_000;

export class TokenBuckets {
  private readonly spec: BucketSpec;
  private readonly buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(spec: BucketSpec) {
    this.spec = spec;
  }

  get size(): number {
    return this.buckets.size;
  }

  /** True and one token less, or false: not now. */
  tryTake(key: string, nowMs: number): boolean {
    const bucket = this.buckets.get(key) ?? { tokens: this.spec.burst, atMs: nowMs };
    const tokens = this.refilled(bucket, nowMs);
    const granted = tokens >= 1;
    this.buckets.set(key, { tokens: granted ? tokens - 1 : tokens, atMs: nowMs });
    if (this.buckets.size > MAX_ADDRESSES) this.forgetOldest();
    return granted;
  }

  /** To be called now and then. */
  forgetFull(nowMs: number): void {
    for (const [key, bucket] of this.buckets) {
      if (this.refilled(bucket, nowMs) >= this.spec.burst) this.buckets.delete(key);
    }
  }

  private refilled(bucket: { tokens: number; atMs: number }, nowMs: number): number {
    const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * this.spec.perSecond;
    return Math.min(this.spec.burst, bucket.tokens + gained);
  }

  private forgetOldest(): void {
    const oldest = this.buckets.keys().next();
    if (!oldest.done) this.buckets.delete(oldest.value);
  }
}
