/** YOLOv8 and its relatives: `[1, 4+C, N]`, columns are boxes: centre x, centre y, width, height, class scores. Pure. */
import type { Candidate, DecodeOptions, OutputTensor } from './candidate.ts';

export function decodeYolov8(output: OutputTensor, options: DecodeOptions): Candidate[] {
  const { minScore, wanted } = options;
  const { data } = output;
  const count = output.dims[2] as number;
  const found: Candidate[] = [];
  for (let i = 0; i < count; i += 1) {
    let score = 0;
    let classIndex = -1;
    for (const index of wanted) {
      const value = data[(4 + index) * count + i] as number;
      if (value > score) {
        score = value;
        classIndex = index;
      }
    }
    if (classIndex < 0 || !(score >= minScore)) continue;
    const x = data[i] as number;
    const y = data[count + i] as number;
    const halfWidth = (data[2 * count + i] as number) / 2;
    const halfHeight = (data[3 * count + i] as number) / 2;
    found.push({ box: [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight], score, classIndex });
  }
  return found;
}
