/** The server's clock as seen from the browser, from ping and pong: the exchange with the shortest way is believed. */
const KEEP_MS = 60_000;

export class ServerClock {
  private best: { readonly rttMs: number; readonly offsetMs: number; readonly atMs: number } | null = null;

  /** All in UTC ms: sent (browser), answered (server), received (browser). */
  add(t0: number, t1: number, t2: number): void {
    const rttMs = t2 - t0;
    if (!(rttMs >= 0)) return;
    const isOld = this.best !== null && t2 - this.best.atMs > KEEP_MS;
    if (this.best && !isOld && rttMs > this.best.rttMs) return;
    this.best = { rttMs, offsetMs: t1 - (t0 + t2) / 2, atMs: t2 };
  }

  /** Server − browser, ms; null before the first answer. */
  get offsetMs(): number | null {
    return this.best?.offsetMs ?? null;
  }
  get rttMs(): number | null {
    return this.best?.rttMs ?? null;
  }
}

/** The browser's UTC in ms with sub-millisecond steps. */
export function browserUtcMs(): number {
  return performance.timeOrigin + performance.now();
}
