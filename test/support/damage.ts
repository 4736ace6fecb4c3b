/** What may become of a coded picture between the sensor and the decoder, headers left as they are. H.264, Annex B. */

/** Of an access unit, from a random source in [0, 1). */
type Damage = (unit: Buffer, random: () => number) => Buffer;

/** Behind what says where the slice begins and which picture it is of. */
const SLICE_HEADER_BYTES = 10;

export const DAMAGES = {
  'one byte changed': (unit, random) => {
    const damaged = Buffer.from(unit);
    const at = pick(bodyOf(unit), unit.length, random);
    damaged[at] = (damaged[at] as number) ^ (1 + Math.floor(random() * 255));
    return damaged;
  },
  'every twentieth byte rubbish': (unit, random) => {
    const damaged = Buffer.from(unit);
    for (let at = bodyOf(unit); at < unit.length; at += 1) {
      if (random() < 0.05) damaged[at] = Math.floor(random() * 256);
    }
    return damaged;
  },
  'its end cut off': (unit, random) => {
    const body = bodyOf(unit);
    return unit.subarray(0, body + Math.floor((unit.length - body) * (0.1 + 0.8 * random())));
  },
  'a piece left out': (unit, random) => {
    const body = bodyOf(unit);
    const length = Math.ceil((unit.length - body) / 4);
    const at = pick(body, unit.length - length, random);
    return Buffer.concat([unit.subarray(0, at), unit.subarray(at + length)]);
  },
} as const satisfies Readonly<Record<string, Damage>>;

export type DamageKind = keyof typeof DAMAGES;

/** Where the first slice's data begin. */
function bodyOf(unit: Buffer): number {
  for (let at = 0; at + 3 < unit.length; at += 1) {
    const kind = (unit[at + 3] as number) & 31;
    if (unit.readUIntBE(at, 3) === 1 && (kind === 1 || kind === 5)) return at + SLICE_HEADER_BYTES;
  }
  throw new Error('the access unit has no slice');
}

function pick(from: number, to: number, random: () => number): number {
  return from + Math.floor(random() * Math.max(1, to - from));
}
