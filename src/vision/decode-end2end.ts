/** NMS-free exports: `[1, N, 6]`, rows are x1, y1, x2, y2, score, class; unused rows have score 0. Pure. */
import type { Candidate, DecodeOptions, OutputTensor } from './candidate.ts';

export function decodeEnd2end(output: OutputTensor, options: DecodeOptions): Candidate[] {
  const { data } = output;
  const wanted = new Set(options.wanted);
  const found: Candidate[] = [];
  for (let row = 0; row + 6 <= data.length; row += 6) {
    const score = data[row + 4] as number;
    const classIndex = Math.round(data[row + 5] as number);
    if (!(score >= options.minScore) || !wanted.has(classIndex)) continue;
    const corner = (i: number): number => data[row + i] as number;
    found.push({ box: [corner(0), corner(1), corner(2), corner(3)], score, classIndex });
  }
  return found;
}
