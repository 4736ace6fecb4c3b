/** Falling rain: streaks and a little haze over a finished picture, drawn anew for every frame from its number. */
import { seededRandom } from '../random.ts';
import type { Pen } from './textures.ts';

/** @param frame decides where the drops are: the same frame, the same drops */
export function drawRain(pen: Pen, frame: number, isDark: boolean): void {
  const { width, height } = pen.canvas;
  const random = seededRandom(frame, 'rain');
  const scale = height / 720;
  pen.lineCap = 'round';
  for (let i = 0; i < 800; i++) {
    // Near drops are long, thick and few.
    const near = random.uniform() ** 4;
    const length = (10 + 46 * near) * scale;
    const x = random.between(-0.05, 1.05) * width;
    const y = random.between(-0.1, 1) * height;
    pen.strokeStyle = `rgba(${isDark ? '150,160,175' : '222,228,233'},${random.between(0.04, 0.13) + 0.1 * near})`;
    pen.lineWidth = (0.7 + 1.3 * near) * scale;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x - 0.1 * length, y + length);
    pen.stroke();
  }
}
