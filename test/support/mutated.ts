/** Real captures with faults put in, for fast-check: what a broken, hostile or half-written other side might send. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { projectRoot } from './shared.ts';

/**
 * Bytes of one direction of an RTSP connection, 12 kB each: `play-*` is what a reader of the hub got, `publish-h264` what
 * ffmpeg 5.1 sent to it. 96×64 pixels, two slices a picture.
 */
export function capture(name: 'play-h264' | 'play-h265' | 'publish-h264'): Buffer {
  return readFileSync(join(projectRoot(), 'test/fixtures/rtsp', `${name}.bin`));
}

interface Fault {
  readonly kind: 'flip' | 'set' | 'cut' | 'repeat' | 'insert' | 'swap' | 'end';
  /** Where, as a share of the length. */
  readonly at: number;
  readonly length: number;
  readonly value: number;
}

const INTERESTING = [0x00, 0x01, 0x24, 0x7f, 0x80, 0xff, 0x0d, 0x0a, 0x20, 0x3a];

const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'set', 'cut', 'repeat', 'insert', 'swap', 'end'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.oneof(fc.nat(4), fc.nat(80), fc.nat(2_000)),
  value: fc.oneof(fc.constantFrom(...INTERESTING), fc.nat(255)),
});

function withFault(bytes: Buffer, { kind, at, length, value }: Fault): Buffer {
  const start = Math.floor(at * bytes.length);
  const end = Math.min(start + length, bytes.length);
  const [before, part, after] = [bytes.subarray(0, start), bytes.subarray(start, end), bytes.subarray(end)];
  switch (kind) {
    case 'flip':
      return Buffer.concat([
        before,
        Buffer.from(part.subarray(0, 1).map((byte) => byte ^ (1 << (value & 7)))),
        part.subarray(1),
        after,
      ]);
    case 'set':
      return Buffer.concat([before, Buffer.alloc(part.length, value), after]);
    case 'cut':
      return Buffer.concat([before, after]);
    case 'repeat':
      return Buffer.concat([before, part, part, after]);
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(length, value), part, after]);
    case 'swap':
      return Buffer.concat([part, before, after]);
    case 'end':
      return before;
  }
}

/** The bytes with one to eight faults. */
export function mutated(bytes: Buffer): fc.Arbitrary<Buffer> {
  return fc
    .array(fault, { minLength: 1, maxLength: 8 })
    .map((faults) => faults.reduce<Buffer>((soFar, next) => withFault(soFar, next), bytes));
}

/** The same bytes in pieces. */
export function inPieces(bytes: Buffer, pieceBytes: number): Buffer[] {
  const count = Math.ceil(bytes.length / pieceBytes);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * pieceBytes, (n + 1) * pieceBytes));
}
