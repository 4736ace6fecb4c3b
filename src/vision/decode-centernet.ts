/**
 * CenterNet: a heat map per class `[1, C, H, W]` and the distances to the four sides `[1, 4, H, W]`. An object is a
 * cell that no neighbour of the 3 × 3 around it exceeds (Zhou et al., "Objects as Points", 2019). Pure.
 */
import type { Candidate, DecodeOptions, OutputTensor } from './candidate.ts';

export function decodeCenternet(heat: OutputTensor, sides: OutputTensor, options: DecodeOptions): Candidate[] {
  const height = heat.dims[2] as number;
  const width = heat.dims[3] as number;
  const cells = width * height;
  const stepX = options.inputWidth / width;
  const stepY = options.inputHeight / height;
  const side = (which: number, cell: number): number => sides.data[which * cells + cell] as number;
  const found: Candidate[] = [];
  for (const classIndex of options.wanted) {
    const map = heat.data.subarray(classIndex * cells, (classIndex + 1) * cells);
    for (let cell = 0; cell < cells; cell += 1) {
      const score = map[cell] as number;
      if (!(score >= options.minScore) || !isPeak(map, cell, width, height)) continue;
      const x = (cell % width) * stepX;
      const y = Math.floor(cell / width) * stepY;
      found.push({
        box: [x - side(0, cell), y - side(1, cell), x + side(2, cell), y + side(3, cell)],
        score,
        classIndex,
      });
    }
  }
  return found;
}

function isPeak(map: Float32Array, cell: number, width: number, height: number): boolean {
  const score = map[cell] as number;
  const x = cell % width;
  const y = Math.floor(cell / width);
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
      if ((map[row * width + column] as number) > score) return false;
    }
  }
  return true;
}
