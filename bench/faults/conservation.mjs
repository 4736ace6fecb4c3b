/**
 * Nothing is lost in silence: what went into each ring went out, was counted as lost, or is still in it, exactly, at every look,
 * over every generation of threads. A new analyzer begins new rings, so each is an account of its own, closed with the last
 * look at it.
 *   frames    offered = committed + dropped + aborted + claimed     committed = consumed + skipped + inRing
 *   records   written = read + inRing
 */
export class Accounts {
  /** Last look by process of the analyzer; null: between two. */
  accounts = [];
  violations = [];
  looks = 0;

  /** @param metrics the text of /metrics  @param pid of the analyzer */
  look(metrics, pid, utc) {
    const rings = parseRings(metrics);
    if (rings.size === 0) return;
    this.looks += 1;
    let account = this.accounts.find((one) => one.pid === pid);
    if (!account) {
      account = { pid, firstUtc: utc };
      this.accounts.push(account);
    }
    account.lastUtc = utc;
    account.rings = Object.fromEntries(rings);
    for (const [ring, c] of rings) {
      for (const [left, right, what] of equations(c)) {
        if (left !== right) this.violations.push({ utc, pid, ring, what, left, right });
      }
    }
  }

  /** The sums over all processes of the analyzer, by ring without its camera. */
  totals() {
    const totals = {};
    for (const { rings } of this.accounts) {
      for (const [ring, counts] of Object.entries(rings)) {
        totals[ring] ??= {};
        const sum = totals[ring];
        for (const [name, n] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + n;
      }
    }
    return totals;
  }
}

function equations(c) {
  if (c.written !== undefined) return [[c.written, c.read + c.inRing, 'written = read + inRing']];
  return [
    [c.offered, c.committed + c.dropped + c.aborted + c.claimed, 'offered = committed + dropped + aborted + claimed'],
    [c.committed, c.consumed + c.skipped + c.inRing, 'committed = consumed + skipped + inRing'],
  ];
}

function parseRings(metrics) {
  const rings = new Map();
  for (const line of metrics.split('\n')) {
    if (!line.startsWith('stopsign_ring_total{') && !line.startsWith('stopsign_ring_in_flight{')) continue;
    const ring = /ring="([^"]*)"/.exec(line)?.[1];
    const count = /count="([^"]*)"/.exec(line)?.[1];
    if (!ring || !count) continue;
    if (!rings.has(ring)) rings.set(ring, {});
    rings.get(ring)[count] = Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return rings;
}

/** Passes: each that a viewer was told of must have been stored. */
export function passAccount(house) {
  const missing = [...house.told.keys()].filter((id) => !house.stored.has(id));
  return { told: house.told.size, stored: house.stored.size, toldButNotStored: missing };
}
