/** Trees and hedges: cards with painted leaves whose normals point out of the crown, so that it is shaded as a body. */
import * as THREE from 'three';
import type { Random } from '../random.ts';
import { STANDING } from './sun.ts';
import { blot, colourTexture, paintCanvas } from './textures.ts';

export interface TreeSpec {
  readonly heightM: number;
  /** Degrees; 60 is yellow, 120 green. */
  readonly hue: number;
  readonly cards: number;
}

export function makeTree(random: Random, { heightM: h, hue, cards }: TreeSpec): THREE.Group {
  const tree = new THREE.Group();
  const bark = new THREE.MeshLambertMaterial({ color: 0x54463a });
  const trunk = new THREE.Mesh(new THREE.CylinderGeometry(h * 0.016, h * 0.034, h * 0.62, 9), bark);
  trunk.position.y = h * 0.31;
  trunk.castShadow = true;
  trunk.receiveShadow = true;
  tree.add(trunk);
  const crown = Array.from({ length: 11 }, () => ({
    at: new THREE.Vector3(random.between(-0.2, 0.2) * h, random.between(0.44, 0.86) * h, random.between(-0.2, 0.2) * h),
    radius: h * random.between(0.1, 0.19),
  }));
  for (const { at } of crown.slice(0, 5)) tree.add(limb(bark, h, at));
  const cardGeometry = new CardCloud();
  const middle = new THREE.Vector3(0, h * 0.62, 0);
  for (let i = 0; i < cards; i++) {
    const blob = crown[i % crown.length];
    if (!blob) break;
    const outward = onSphere(random);
    const at = outward
      .clone()
      .multiplyScalar(blob.radius * random.between(0.72, 1.06))
      .add(blob.at);
    const normal = outward.add(at.clone().sub(middle).normalize()).normalize();
    const shade = 0.66 + 0.3 * (normal.y * 0.5 + 0.5) + random.between(0, 0.16);
    cardGeometry.add(random, at, normal, (cards > 1000 ? 0.05 : 0.066) * h * random.between(0.75, 1.4), shade);
  }
  tree.add(new THREE.Mesh(cardGeometry.geometry(), leafMaterial(random, hue)));
  // The leaves are too many for the shadow map: balls that nobody sees cast the crown's shadow.
  const unseen = new THREE.MeshBasicMaterial();
  for (const { at, radius } of crown) {
    const ball = new THREE.Mesh(new THREE.IcosahedronGeometry(radius * 0.92, 1), unseen);
    ball.position.copy(at);
    ball.castShadow = true;
    ball.layers.set(STANDING);
    tree.add(ball);
  }
  return tree;
}

export function makeHedge(random: Random, lengthM: number): THREE.Group {
  const hedge = new THREE.Group();
  const cloud = new CardCloud();
  for (let i = 0; i < lengthM * 70; i++) {
    const side = random.uniform() < 0.45 ? 1 : random.uniform() < 0.4 ? -1 : 0;
    const y = side === 0 ? random.between(0.95, 1.1) : random.between(0.1, 1.05);
    const z = side === 0 ? random.between(-0.38, 0.38) : side * random.between(0.3, 0.42);
    const normal = new THREE.Vector3(random.between(-0.3, 0.3), side === 0 ? 1 : 0.35, side).normalize();
    const at = new THREE.Vector3(random.between(-0.5, 0.5) * lengthM, y, z);
    cloud.add(random, at, normal, random.between(0.13, 0.24), random.between(0.72, 1.05));
  }
  hedge.add(new THREE.Mesh(cloud.geometry(), leafMaterial(random, 92)));
  const core = new THREE.Mesh(
    new THREE.BoxGeometry(lengthM - 0.2, 0.95, 0.6),
    new THREE.MeshLambertMaterial({ color: 0x202c16 }),
  );
  core.position.y = 0.48;
  core.castShadow = true;
  hedge.add(core);
  return hedge;
}

function limb(material: THREE.Material, h: number, to: THREE.Vector3): THREE.Mesh {
  const from = new THREE.Vector3(0, h * 0.3, 0);
  const way = to.clone().sub(from);
  const mesh = new THREE.Mesh(new THREE.CylinderGeometry(h * 0.006, h * 0.014, way.length(), 5), material);
  mesh.position.copy(from).addScaledVector(way, 0.5);
  mesh.quaternion.setFromUnitVectors(new THREE.Vector3(0, 1, 0), way.normalize());
  return mesh;
}

function onSphere(random: Random): THREE.Vector3 {
  const y = random.between(-1, 1);
  const angle = random.between(0, 2 * Math.PI);
  const r = Math.sqrt(1 - y * y);
  return new THREE.Vector3(r * Math.cos(angle), y, r * Math.sin(angle));
}

function leafMaterial(random: Random, hue: number): THREE.Material {
  const canvas = paintCanvas(128, 128, (pen) => {
    for (let i = 0; i < 62; i++) {
      const angle = random.between(0, 2 * Math.PI);
      const reach = Math.sqrt(random.uniform()) * 52;
      pen.fillStyle = `hsl(${hue + random.between(-15, 12)},${random.between(18, 36)}%,${random.between(20, 44)}%)`;
      const [x, y] = [64 + Math.cos(angle) * reach, 64 + Math.sin(angle) * reach];
      blot(pen, x, y, random.between(8, 14), random.between(3, 6), random.between(0, Math.PI));
    }
  });
  return new THREE.MeshLambertMaterial({
    map: colourTexture(canvas),
    alphaTest: 0.45,
    side: THREE.DoubleSide,
    forceSinglePass: true,
    vertexColors: true,
  });
}

/** Square cards, turned at random, lit as if each were the surface of the crown it is part of. */
class CardCloud {
  private readonly positions: number[] = [];
  private readonly normals: number[] = [];
  private readonly uvs: number[] = [];
  private readonly colours: number[] = [];
  private readonly indexes: number[] = [];

  add(random: Random, at: THREE.Vector3, normal: THREE.Vector3, halfM: number, shade: number): void {
    const turn = new THREE.Euler(random.between(0, 6.28), random.between(0, 6.28), random.between(0, 6.28));
    const right = new THREE.Vector3(halfM, 0, 0).applyEuler(turn);
    const up = new THREE.Vector3(0, halfM, 0).applyEuler(turn);
    const first = this.positions.length / 3;
    for (const [u, v] of [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const) {
      const corner = at.clone().addScaledVector(right, u).addScaledVector(up, v);
      this.positions.push(corner.x, corner.y, corner.z);
      this.normals.push(normal.x, normal.y, normal.z);
      this.uvs.push(u / 2 + 0.5, v / 2 + 0.5);
      this.colours.push(shade, shade, shade * 0.94);
    }
    // Wound towards the normal, so that "double-sided" never turns it around.
    const facing = new THREE.Vector3().crossVectors(right, up).dot(normal) >= 0;
    const [a, b, c, d] = [first, first + 1, first + 2, first + 3];
    this.indexes.push(...(facing ? [a, b, c, a, c, d] : [a, c, b, a, d, c]));
  }

  geometry(): THREE.BufferGeometry {
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute('position', new THREE.Float32BufferAttribute(this.positions, 3));
    geometry.setAttribute('normal', new THREE.Float32BufferAttribute(this.normals, 3));
    geometry.setAttribute('uv', new THREE.Float32BufferAttribute(this.uvs, 2));
    geometry.setAttribute('color', new THREE.Float32BufferAttribute(this.colours, 3));
    geometry.setIndex(this.indexes);
    return geometry;
  }
}
