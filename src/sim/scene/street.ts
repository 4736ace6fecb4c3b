/**
 * The ground: grass, the two streets with rounded corners, kerbs, pavements and paint. Road along x (judged lane z > 0),
 * cross street x 4 … 11, near edge of the stop line x = -0.25. Browser side.
 */
import * as THREE from 'three';
import type { Random } from '../random.ts';
import { asphaltMaterial, grass, manhole, paintMaterial, stoneCanvas, stoneMaterial, wear } from './street-surfaces.ts';
import { colourTexture } from './textures.ts';
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
  const patch = asphaltMaterial(random, weather, [78, 78, 79], 256);
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
  const stone = stoneCanvas(random, weather);
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
