/**
 * YOLOX: `[1, N, 5+C]`, rows ordered by stride 8, 16, 32, then row-major over the grid. Pure.
 * centre = (xy + grid) · stride, size = exp(wh) · stride, score = objectness · class (Ge et al., "YOLOX", 2021).
 */
import type { Candidate, DecodeOptions, OutputTensor } from './candidate.ts';

export const YOLOX_STRIDES = [8, 16, 32] as const;

export function decodeYolox(output: OutputTensor, options: DecodeOptions): Candidate[] {
  const { inputWidth, inputHeight, minScore, wanted } = options;
  const { data } = output;
  const rowLength = output.dims[2] as number;
  const found: Candidate[] = [];
  let row = 0;
  for (const stride of YOLOX_STRIDES) {
    const columns = inputWidth / stride;
    const cells = columns * (inputHeight / stride);
    for (let cell = 0; cell < cells; cell += 1, row += rowLength) {
      const objectness = data[row + 4] as number;
      if (!(objectness >= minScore)) continue;
      let best = 0;
      let classIndex = -1;
      for (const index of wanted) {
        const score = data[row + 5 + index] as number;
        if (score > best) {
          best = score;
          classIndex = index;
        }
      }
      const score = objectness * best;
      if (!(score >= minScore)) continue;
      const x = ((data[row] as number) + (cell % columns)) * stride;
      const y = ((data[row + 1] as number) + Math.floor(cell / columns)) * stride;
      const halfWidth = (Math.exp(data[row + 2] as number) * stride) / 2;
      const halfHeight = (Math.exp(data[row + 3] as number) * stride) / 2;
      found.push({ box: [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight], score, classIndex });
    }
  }
  return found;
}
