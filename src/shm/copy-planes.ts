/** Pixels into a slot: rows of a decoder are padded, those of a slot are not. */

/** One plane as a decoder hands it out. */
export interface StridedPlane {
  readonly data: Uint8Array;
  /** Bytes from one row to the next, ≥ the plane's width. */
  readonly stride: number;
}

interface PlanarTarget {
  readonly width: number;
  readonly height: number;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

/** Copies Y, U and V of a 4:2:0 picture of the target's size. */
export function copyPlanes(planes: readonly [StridedPlane, StridedPlane, StridedPlane], target: PlanarTarget): void {
  const { width, height } = target;
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  copyPlane(planes[0], target.y, width, height);
  copyPlane(planes[1], target.u, chromaWidth, chromaHeight);
  copyPlane(planes[2], target.v, chromaWidth, chromaHeight);
}

function copyPlane({ data, stride }: StridedPlane, target: Uint8Array, width: number, height: number): void {
  if (stride === width) {
    target.set(data.subarray(0, width * height));
    return;
  }
  for (let row = 0; row < height; row += 1) {
    target.set(data.subarray(row * stride, row * stride + width), row * width);
  }
}
