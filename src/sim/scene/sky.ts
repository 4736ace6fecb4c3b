/** The painted sky: background, and through its environment map the light from everywhere. Browser side. */
import * as THREE from 'three';
import type { Random } from '../random.ts';
import { blot, colourTexture, paintCanvas } from './textures.ts';
import type { Weather } from './weather.ts';

const WIDTH = 2048;
const HEIGHT = 1024;

/** Equirectangular; the lower half is the light that the ground throws back. */
export function skyTexture(weather: Weather, random: Random): THREE.CanvasTexture {
  const canvas = paintCanvas(WIDTH, HEIGHT, (pen) => {
    const air = pen.createLinearGradient(0, 0, 0, HEIGHT / 2);
    const [zenith, middle, horizon] = weather.skyColours;
    air.addColorStop(0, zenith);
    air.addColorStop(0.62, middle);
    air.addColorStop(1, horizon);
    pen.fillStyle = air;
    pen.fillRect(0, 0, WIDTH, HEIGHT / 2);
    const { rgb, count, opacity } = weather.cloud;
    for (const softness of [22, 9]) {
      pen.filter = `blur(${softness}px)`;
      for (let i = 0; i < count / 2; i++) {
        pen.fillStyle = `rgba(${rgb},${random.between(...opacity)})`;
        const y = random.between(0.16, 0.47) * HEIGHT;
        const length = random.between(30, 190) * (1.3 - y / HEIGHT);
        blot(pen, random.uniform() * WIDTH, y, length, length * random.between(0.1, 0.26));
      }
    }
    pen.filter = 'none';
    const ground = pen.createLinearGradient(0, HEIGHT / 2, 0, HEIGHT);
    const [near, far] = weather.light === 'day' ? ['#5a5c55', '#7c8474'] : ['#15161a', '#1d2024'];
    ground.addColorStop(0, far);
    ground.addColorStop(1, near);
    pen.fillStyle = ground;
    pen.fillRect(0, HEIGHT / 2, WIDTH, HEIGHT / 2);
  });
  return allAround(canvas);
}

/** The same for reflections: software rendering takes ten seconds to blur the full one into an environment map. */
export function smallSky(sky: THREE.CanvasTexture): THREE.CanvasTexture {
  const canvas = paintCanvas(WIDTH / 4, HEIGHT / 4, (pen, w, h) => {
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(sky.image, 0, 0, w, h);
  });
  return allAround(canvas);
}

function allAround(canvas: HTMLCanvasElement): THREE.CanvasTexture {
  const texture = colourTexture(canvas);
  texture.mapping = THREE.EquirectangularReflectionMapping;
  return texture;
}

const TREE_LINE_TONE = { day: 0xd6dccf, dusk: 0x655e62, night: 0x0d0f12 } as const;

/** Woods and roofs far away, on a ring around everything. */
export function treeLine(weather: Weather, random: Random): THREE.Mesh {
  const canvas = paintCanvas(2048, 160, (pen, width, height) => {
    for (const [row, depth] of [0.55, 0.75, 1].entries()) {
      for (let i = 0; i < 420; i++) {
        const crown = random.between(8, 26) * depth;
        const x = random.uniform() * width;
        const y = height - random.between(0.1, 0.62 - 0.14 * row) * height;
        const base = random.between(13, 24) + (2 - row) * 7;
        for (const at of [x, x - width, x + width]) {
          pen.fillStyle = `hsl(${random.between(84, 118)},${18 + 5 * row}%,${base}%)`;
          blot(pen, at, y, crown, crown * 1.15);
          pen.fillRect(at - crown, y, 2 * crown, height - y);
          pen.fillStyle = `hsla(${random.between(80, 110)},26%,${base + 8}%,.5)`;
          blot(pen, at - crown * 0.25, y - crown * 0.35, crown * 0.55, crown * 0.5);
        }
      }
    }
  });
  const map = colourTexture(canvas, [3, 1]);
  // Repeated upwards the foot of the trees would bleed into the ring's upper edge: a dashed line in the sky.
  map.wrapT = THREE.ClampToEdgeWrapping;
  const geometry = new THREE.CylinderGeometry(150, 150, 17, 48, 1, true);
  // Unlit: seen from inside it faces away from every light.
  const material = new THREE.MeshBasicMaterial({
    map,
    color: TREE_LINE_TONE[weather.light],
    alphaTest: 0.5,
    side: THREE.BackSide,
  });
  const mesh = new THREE.Mesh(geometry, material);
  mesh.position.y = 7.4;
  return mesh;
}
