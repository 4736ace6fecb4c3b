/**
 * Just enough of the Protocol Buffers wire format to write an ONNX file: varints and length-delimited fields
 * (https://protobuf.dev/programming-guides/encoding). Fields appear in the order they are written, so the same
 * model is always the same bytes.
 */

const WIRE = { varint: 0, bytes: 2 } as const;
const encoder = new TextEncoder();

/** One message being written. */
export class ProtoMessage {
  private readonly parts: Uint8Array[] = [];

  /** int32, int64 or enum, 0 … 2^53 - 1; ONNX needs no negative one here. */
  int(field: number, value: number): this {
    this.tag(field, WIRE.varint);
    this.parts.push(varint(value));
    return this;
  }

  ints(field: number, values: readonly number[]): this {
    for (const value of values) this.int(field, value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.tag(field, WIRE.bytes);
    this.parts.push(varint(value.length), value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  strings(field: number, values: readonly string[]): this {
    for (const value of values) this.string(field, value);
    return this;
  }

  message(field: number, value: ProtoMessage): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    const all = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  private tag(field: number, wire: number): void {
    this.parts.push(varint(field * 8 + wire));
  }
}

/** Base 128, least significant group first. @throws RangeError for what is no non-negative safe integer */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} cannot be written as a varint`);
  const groups: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    groups.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  groups.push(rest);
  return Uint8Array.from(groups);
}
