/** What the ground is made of: asphalt, grass, stone and road paint, dry and wet. Browser side. */
import * as THREE from 'three';
import type { Random } from '../random.ts';
import { blot, colourTexture, dataTexture, paintCanvas, speckle } from './textures.ts';
import type { Weather } from './weather.ts';

/** Pale stone with a joint, for kerbs and pavements. */
export function stoneCanvas(random: Random, weather: Weather): HTMLCanvasElement {
  const shade = weather.rain ? 0.72 : 1;
  return paintCanvas(256, 256, (pen, w, h) => {
    pen.fillStyle = `rgb(${178 * shade},${174 * shade},${164 * shade})`;
    pen.fillRect(0, 0, w, h);
    speckle(pen, random, { rgb: [172 * shade, 168 * shade, 158 * shade], amplitude: 24, count: 7000, sizePx: [1, 3] });
    pen.fillStyle = 'rgba(58,55,50,.6)';
    pen.fillRect(0, 0, w, 3);
    for (let i = 0; i < 5; i++) {
      pen.fillStyle = 'rgba(70,64,54,.10)';
      blot(pen, random.uniform() * w, random.uniform() * h, random.between(12, 50), random.between(8, 30));
    }
  });
}

export function stoneMaterial(map: THREE.Texture, weather: Weather): THREE.Material {
  return weather.rain
    ? new THREE.MeshStandardMaterial({ map, roughness: 0.5 })
    : new THREE.MeshLambertMaterial({ map });
}

type RoadMaterial = THREE.MeshLambertMaterial | THREE.MeshStandardMaterial;

/** Dry: dull. Wet: dark, with smooth puddles that mirror sky and lamps. */
export function asphaltMaterial(
  random: Random,
  weather: Weather,
  rgb: readonly [number, number, number],
  sizePx = 1024,
): RoadMaterial {
  const shade = weather.rain ? 0.6 : 1;
  const [r, g, b] = rgb.map((v) => v * shade) as [number, number, number];
  const share = (sizePx / 1024) ** 2;
  const canvas = paintCanvas(sizePx, sizePx, (pen, w, h) => {
    pen.fillStyle = `rgb(${r},${g},${b})`;
    pen.fillRect(0, 0, w, h);
    speckle(pen, random, { rgb: [r, g, b], amplitude: 27 * shade, count: 70_000 * share, sizePx: [1, 3] });
    for (let i = 0; i < 260 * share; i++) {
      const v = random.between(84, 116) * shade;
      pen.fillStyle = `rgba(${v},${v},${v},.10)`;
      blot(pen, random.uniform() * w, random.uniform() * h, random.between(10, 70), random.between(10, 60));
    }
    pen.strokeStyle = 'rgba(48,47,46,.5)';
    for (let crack = 0; crack < 6; crack++) {
      pen.lineWidth = random.between(0.8, 2.2);
      pen.beginPath();
      let [x, y] = [random.uniform() * w, random.uniform() * h];
      pen.moveTo(x, y);
      for (let i = 0; i < 22; i++) {
        x += random.between(-34, 34);
        y += random.between(-18, 32);
        pen.lineTo(x, y);
      }
      pen.stroke();
    }
    for (let i = 0; i < 4; i++) {
      pen.fillStyle = 'rgba(40,38,36,.13)';
      blot(pen, random.uniform() * w, random.uniform() * h, random.between(14, 50), random.between(10, 26), 1);
    }
  });
  const map = colourTexture(canvas);
  if (!weather.rain) return new THREE.MeshLambertMaterial({ map });
  const roughness = paintCanvas(512, 512, (pen, w, h) => {
    pen.fillStyle = 'rgb(0,128,0)';
    pen.fillRect(0, 0, w, h);
    pen.filter = 'blur(7px)';
    for (let i = 0; i < 46; i++) {
      pen.fillStyle = `rgba(0,${random.between(10, 60)},0,.75)`;
      blot(
        pen,
        random.uniform() * w,
        random.uniform() * h,
        random.between(12, 62),
        random.between(8, 34),
        random.between(0, 3),
      );
    }
  });
  return new THREE.MeshStandardMaterial({
    map,
    roughnessMap: dataTexture(roughness),
    roughness: 1,
    envMapIntensity: 0.85,
  });
}

export function grass(random: Random, weather: Weather): THREE.Material {
  const canvas = paintCanvas(1024, 1024, (pen, w, h) => {
    pen.fillStyle = '#6b7446';
    pen.fillRect(0, 0, w, h);
    for (let i = 0; i < 240; i++) {
      pen.fillStyle = `rgba(${random.between(88, 150)},${random.between(100, 142)},${random.between(45, 76)},.2)`;
      blot(pen, random.uniform() * w, random.uniform() * h, random.between(16, 90), random.between(16, 70));
    }
    pen.lineWidth = 1.2;
    for (let i = 0; i < 80_000; i++) {
      const v = random.uniform();
      pen.strokeStyle = `rgba(${60 + v * 78},${74 + v * 66},${36 + v * 46},.7)`;
      const [x, y] = [random.uniform() * w, random.uniform() * h];
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(x + random.between(-3, 3), y - random.between(3, 9));
      pen.stroke();
    }
  });
  const tone = weather.rain ? 0xb9b9b0 : 0xffffff;
  return new THREE.MeshLambertMaterial({ map: colourTexture(canvas, [46, 46]), color: tone });
}

/** Darker where tyres run, fading towards both sides of the track. */
export function wear(opacity: number, isAlongX: boolean): THREE.Material {
  const canvas = paintCanvas(64, 64, (pen, w, h) => {
    const fade = isAlongX ? pen.createLinearGradient(0, 0, 0, h) : pen.createLinearGradient(0, 0, w, 0);
    fade.addColorStop(0, 'rgba(255,255,255,0)');
    fade.addColorStop(0.5, 'rgba(255,255,255,1)');
    fade.addColorStop(1, 'rgba(255,255,255,0)');
    pen.fillStyle = fade;
    pen.fillRect(0, 0, w, h);
  });
  const look = { color: 0x232323, transparent: true, opacity, depthWrite: false };
  return new THREE.MeshBasicMaterial({ ...look, map: colourTexture(canvas) });
}

export function manhole(weather: Weather): THREE.Mesh {
  const canvas = paintCanvas(128, 128, (pen) => {
    pen.fillStyle = '#45423e';
    blot(pen, 64, 64, 63, 63);
    pen.strokeStyle = '#2c2a28';
    pen.lineWidth = 4;
    for (const r of [54, 38, 22]) {
      pen.beginPath();
      pen.arc(64, 64, r, 0, 2 * Math.PI);
      pen.stroke();
    }
  });
  const roughness = weather.rain ? 0.35 : 0.8;
  const material = new THREE.MeshStandardMaterial({ map: colourTexture(canvas), roughness, metalness: 0.3 });
  const mesh = new THREE.Mesh(new THREE.CircleGeometry(0.34, 24), material);
  mesh.rotation.x = -Math.PI / 2;
  return mesh;
}

/** Road paint, worn through here and there. */
export function paintMaterial(random: Random, weather: Weather): THREE.Material {
  const canvas = paintCanvas(256, 128, (pen, w, h) => {
    pen.fillStyle = weather.rain ? '#c2c1ba' : '#dedcd2';
    pen.fillRect(0, 0, w, h);
    pen.globalCompositeOperation = 'destination-out';
    for (let i = 0; i < 620; i++) {
      pen.fillStyle = `rgba(0,0,0,${random.between(0, 0.7)})`;
      pen.fillRect(random.uniform() * w, random.uniform() * h, random.between(1, 8), random.between(1, 6));
    }
  });
  const look = { map: colourTexture(canvas), transparent: true, depthWrite: false };
  return weather.rain
    ? new THREE.MeshStandardMaterial({ ...look, roughness: 0.35 })
    : new THREE.MeshLambertMaterial(look);
}
