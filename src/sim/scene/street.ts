/**
 * The ground: grass, the two streets with rounded corners, kerbs, pavements and paint. Road along x (judged lane z > 0),
 * cross street x 4 … 11, near edge of the stop line x = -0.25. Browser side.
 */
import * as THREE from 'three';
import type { Random } from '../random.ts';
import { blot, colourTexture, dataTexture, paintCanvas, speckle } from './textures.ts';
import type { Weather } from './weather.ts';

/** Half the width of the judged street. */
export const HALF_M = 3.5;
/** The cross street from … to. */
export const CROSS_M = [4, 11] as const;
const CORNER_M = 3;
const REACH_M = 150;

export function makeStreet(random: Random, weather: Weather): THREE.Group {
  const street = new THREE.Group();
  const lay = (mesh: THREE.Mesh, y: number) => {
    mesh.position.y = y;
    mesh.receiveShadow = true;
    street.add(mesh);
    return mesh;
  };
  lay(flat(2 * REACH_M, 2 * REACH_M, grass(random, weather)), -0.02);
  const asphalt = asphaltMaterial(random, weather, [104, 103, 101]);
  lay(ground(roadOutline(), asphalt), 0);
  const [along, across] = [wear(0.2, true), wear(0.14, false)];
  for (const z of [-2.55, -0.95, 0.95, 2.55]) lay(at(flat(150, 0.8, along), -76, z), 0.005);
  for (const x of [4.95, 6.55, 8.45, 10.05]) lay(at(flat(0.8, 140, across), x, 10), 0.005);
  const patch = asphaltMaterial(random, weather, [78, 78, 79]);
  patch.polygonOffset = true;
  patch.polygonOffsetFactor = -1;
  lay(at(flat(5.2, 1.5, patch), -9.4, 2.2), 0.006);
  lay(at(flat(1.4, 3.1, patch), 8.9, -8), 0.006);
  for (const [x, z] of [
    [-14.5, -1.1],
    [6.2, 9.5],
  ] as const)
    lay(at(manhole(weather), x, z), 0.008);

  const paint = paintMaterial(random, weather);
  const mark = (w: number, d: number, x: number, z: number) => lay(at(flat(w, d, paint), x, z), 0.012);
  mark(0.5, HALF_M - 0.25, 0, HALF_M / 2 + 0.05);
  for (let x = -130; x < -1; x += 6) mark(3, 0.13, x, 0);
  for (let x = 14; x < 130; x += 6) mark(3, 0.13, x, 0);
  const middle = (CROSS_M[0] + CROSS_M[1]) / 2;
  for (let z = 8; z < 120; z += 6) {
    mark(0.13, 3, middle, z);
    mark(0.13, 3, middle, -z);
  }
  addKerbs(street, random, weather);
  return street;
}

function at(mesh: THREE.Mesh, x: number, z: number): THREE.Mesh {
  mesh.position.set(x, mesh.position.y, z);
  return mesh;
}

function flat(w: number, d: number, material: THREE.Material): THREE.Mesh {
  const mesh = new THREE.Mesh(new THREE.PlaneGeometry(w, d), material);
  mesh.rotation.x = -Math.PI / 2;
  return mesh;
}

/** A shape in (x, z) laid on the ground; its texture repeats every 8 m. */
function ground(shape: THREE.Shape, material: THREE.Material): THREE.Mesh {
  const geometry = new THREE.ShapeGeometry(shape, 10);
  const uv = geometry.getAttribute('position').clone() as THREE.BufferAttribute;
  const pairs = new Float32Array(uv.count * 2);
  for (let i = 0; i < uv.count; i++) pairs.set([uv.getX(i) / 8, uv.getY(i) / 8], 2 * i);
  geometry.setAttribute('uv', new THREE.BufferAttribute(pairs, 2));
  const mesh = new THREE.Mesh(geometry, material);
  // The shape's y becomes -z.
  mesh.rotation.x = -Math.PI / 2;
  return mesh;
}

/** Both streets as one outline, so that no seam is seen where they meet. */
function roadOutline(): THREE.Shape {
  const [a, b] = CROSS_M;
  const [h, r, far] = [HALF_M, CORNER_M, REACH_M];
  const shape = new THREE.Shape();
  shape.moveTo(-far, -h);
  shape.lineTo(a - r, -h);
  shape.absarc(a - r, -h - r, r, Math.PI / 2, 0, true);
  shape.lineTo(a, -far);
  shape.lineTo(b, -far);
  shape.lineTo(b, -h - r);
  shape.absarc(b + r, -h - r, r, Math.PI, Math.PI / 2, true);
  shape.lineTo(far, -h);
  shape.lineTo(far, h);
  shape.lineTo(b + r, h);
  shape.absarc(b + r, h + r, r, -Math.PI / 2, -Math.PI, true);
  shape.lineTo(b, far);
  shape.lineTo(a, far);
  shape.lineTo(a, h + r);
  shape.absarc(a - r, h + r, r, 0, -Math.PI / 2, true);
  shape.lineTo(-far, h);
  return shape;
}

function addKerbs(street: THREE.Group, random: Random, weather: Weather): void {
  const shade = weather.rain ? 0.72 : 1;
  const stone = paintCanvas(256, 256, (pen, w, h) => {
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
  const slab = (x0: number, x1: number, z0: number, z1: number) => {
    const [w, d] = [x1 - x0, z1 - z0];
    const texture = colourTexture(stone, w > d ? [1, w / 1.5] : [1, d / 1.5]);
    if (w > d) texture.rotation = Math.PI / 2;
    const box = new THREE.Mesh(new THREE.BoxGeometry(w, 0.14, d), stoneMaterial(texture, weather));
    box.position.set((x0 + x1) / 2, 0.07, (z0 + z1) / 2);
    box.receiveShadow = true;
    street.add(box);
  };
  const [a, b] = CROSS_M;
  const inner = a - CORNER_M;
  const outer = b + CORNER_M;
  for (const side of [-1, 1]) {
    const across = (z0: number, z1: number) => (side > 0 ? ([z0, z1] as const) : ([-z1, -z0] as const));
    const kerb = across(HALF_M, HALF_M + 0.2);
    slab(-REACH_M, inner, ...kerb);
    slab(outer, REACH_M, ...kerb);
    const along = across(HALF_M + CORNER_M, REACH_M);
    slab(a - 0.2, a, ...along);
    slab(b, b + 0.2, ...along);
    const walk = across(HALF_M + 1.85, HALF_M + 3.35);
    slab(-REACH_M, a - 1.15, ...walk);
    slab(b + 1.15, REACH_M, ...walk);
    const crossWalk = across(HALF_M + 3.35, REACH_M);
    slab(a - 2.65, a - 1.15, ...crossWalk);
    slab(b + 1.15, b + 2.65, ...crossWalk);
    street.add(cornerKerb(inner, side, 1, stone, weather), cornerKerb(outer, side, -1, stone, weather));
  }
}

/** A quarter ring of kerb around (x, ±(HALF + CORNER)); `towards` says on which side of it the cross street lies. */
function cornerKerb(x: number, side: number, towards: 1 | -1, stone: HTMLCanvasElement, weather: Weather): THREE.Mesh {
  const outline = new THREE.Shape();
  outline.absarc(0, 0, CORNER_M, 0, Math.PI / 2, false);
  outline.absarc(0, 0, CORNER_M - 0.2, Math.PI / 2, 0, true);
  const geometry = new THREE.ExtrudeGeometry(outline, { depth: 0.14, bevelEnabled: false, curveSegments: 12 });
  const mesh = new THREE.Mesh(geometry, stoneMaterial(colourTexture(stone, [0.5, 0.5]), weather));
  mesh.position.set(x, 0.14, side * (HALF_M + CORNER_M));
  // Laid down, the quarter lies in +x +z; mirrored into the other corners by turning.
  mesh.rotation.set(Math.PI / 2, 0, towards === 1 ? (side > 0 ? -Math.PI / 2 : 0) : side > 0 ? Math.PI : Math.PI / 2);
  mesh.receiveShadow = true;
  return mesh;
}

function stoneMaterial(map: THREE.Texture, weather: Weather): THREE.Material {
  return weather.rain
    ? new THREE.MeshStandardMaterial({ map, roughness: 0.5 })
    : new THREE.MeshLambertMaterial({ map });
}

type RoadMaterial = THREE.MeshLambertMaterial | THREE.MeshStandardMaterial;

/** Dry: dull. Wet: dark, with smooth puddles that mirror sky and lamps. */
function asphaltMaterial(random: Random, weather: Weather, rgb: readonly [number, number, number]): RoadMaterial {
  const shade = weather.rain ? 0.6 : 1;
  const [r, g, b] = rgb.map((v) => v * shade) as [number, number, number];
  const canvas = paintCanvas(1024, 1024, (pen, w, h) => {
    pen.fillStyle = `rgb(${r},${g},${b})`;
    pen.fillRect(0, 0, w, h);
    speckle(pen, random, { rgb: [r, g, b], amplitude: 27 * shade, count: 70_000, sizePx: [1, 3] });
    for (let i = 0; i < 260; i++) {
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

function grass(random: Random, weather: Weather): THREE.Material {
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
function wear(opacity: number, isAlongX: boolean): THREE.Material {
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

function manhole(weather: Weather): THREE.Mesh {
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
function paintMaterial(random: Random, weather: Weather): THREE.Material {
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
