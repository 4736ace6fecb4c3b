/**
 * A 128-bit hash of text, incremental, without imports: four 32-bit lanes mixed as in MurmurHash3 (Appleby, public
 * domain construction). For identity, never for security.
 */
export class Hash128 {
  private readonly lanes = new Uint32Array([0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef]);
  private length = 0;

  update(text: string): void {
    const lanes = this.lanes;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const turn = this.length++ & 3;
      const mixed = Math.imul(unit ^ Math.imul(this.length, 0xcc9e2d51), 0x1b873593);
      const lane = ((lanes[turn] as number) ^ rotl(mixed, 15)) >>> 0;
      lanes[turn] = Math.imul(rotl(lane, 13) + (lanes[(turn + 1) & 3] as number), 5) + 0xe6546b64;
    }
  }

  /** The digest so far, four 32-bit words; more may be added afterwards. */
  words(): number[] {
    const w = Array.from(this.lanes, (lane, i) => avalanche(lane ^ this.length ^ Math.imul(i + 1, 0x85ebca6b)));
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 4; i++) w[i] = avalanche((w[i] as number) + (w[(i + 3) & 3] as number));
    }
    return w;
  }

  hex(): string {
    return this.words()
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('');
  }
}

const rotl = (x: number, r: number): number => ((x << r) | (x >>> (32 - r))) >>> 0;

function avalanche(input: number): number {
  let h = input >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
