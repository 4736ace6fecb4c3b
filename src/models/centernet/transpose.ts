/** Reorders the axes of a row-major tensor. Pure. */

/** @param order `order[i]` is the old axis that becomes axis `i`, e.g. [3, 2, 0, 1]: kernel H, W, in, out → out, in, H, W */
export function transpose(
  data: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): { data: Float32Array; shape: number[] } {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = order.map((axis) => shape[axis] as number);
  const steps = order.map((axis) => strides[axis] as number);
  const result = new Float32Array(data.length);
  const at = new Array<number>(order.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to += 1) {
    result[to] = data[from] as number;
    for (let axis = order.length - 1; axis >= 0; axis -= 1) {
      at[axis] = (at[axis] as number) + 1;
      from += steps[axis] as number;
      if ((at[axis] as number) < (sizes[axis] as number)) break;
      from -= (steps[axis] as number) * (sizes[axis] as number);
      at[axis] = 0;
    }
  }
  return { data: result, shape: sizes };
}
