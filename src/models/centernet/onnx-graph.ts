/** An ONNX graph while it is being built: names are given out in order, so the same calls give the same file. */
import type { OnnxAttribute, OnnxConstant, OnnxNode } from '../onnx/model-proto.ts';

export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  private readonly scalars = new Map<number, string>();

  /** Adds a node; returns the name of what it gives. */
  add(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    const output = `${op}_${this.nodes.length}`;
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }

  constant(dims: readonly number[], data: Float32Array | readonly number[]): string {
    const name = `constant_${this.constants.length}`;
    this.constants.push({ name, dims, data: data instanceof Float32Array ? data : Float32Array.from(data) });
    return name;
  }

  scalar(value: number): string {
    const known = this.scalars.get(value);
    if (known) return known;
    const name = this.constant([], [value]);
    this.scalars.set(value, name);
    return name;
  }

  /** Gives a result its public name. */
  rename(from: string, to: string): void {
    this.nodes.push({ op: 'Identity', inputs: [from], output: to, attributes: {} });
  }
}
