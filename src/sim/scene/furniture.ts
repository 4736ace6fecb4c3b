/** What stands beside the street: the stop sign, street lamps, fences, letter boxes, poles with wires. Browser side. */
import * as THREE from 'three';
import { colourTexture, glowTexture, paintCanvas } from './textures.ts';

const STEEL = new THREE.MeshStandardMaterial({ color: 0x8d9092, roughness: 0.55, metalness: 0.6 });

/** Its face looks towards +z of its own frame: turn it towards the approaching drivers. */
export function makeStopSign(): THREE.Group {
  const sign = new THREE.Group();
  const canvas = paintCanvas(256, 256, (pen) => {
    const octagon = (radius: number, colour: string) => {
      pen.fillStyle = colour;
      pen.beginPath();
      for (let i = 0; i < 8; i++) {
        const angle = Math.PI / 8 + (i * Math.PI) / 4;
        pen.lineTo(128 + Math.cos(angle) * radius, 128 + Math.sin(angle) * radius);
      }
      pen.closePath();
      pen.fill();
    };
    octagon(138, '#eceae6');
    octagon(119, '#b5121b');
    pen.fillStyle = '#f4f2ee';
    pen.font = 'bold 86px sans-serif';
    pen.textAlign = 'center';
    pen.fillText('STOP', 128, 159);
  });
  const plate = new THREE.CircleGeometry(0.42, 8, Math.PI / 8);
  const face = new THREE.Mesh(plate, new THREE.MeshStandardMaterial({ map: colourTexture(canvas), roughness: 0.45 }));
  face.position.set(0, 2.3, 0.045);
  const back = new THREE.Mesh(plate, STEEL);
  back.position.set(0, 2.3, 0.04);
  back.rotation.y = Math.PI;
  const pole = new THREE.Mesh(new THREE.CylinderGeometry(0.032, 0.032, 2.7, 10), STEEL);
  pole.position.y = 1.35;
  for (const part of [face, back, pole]) {
    part.castShadow = true;
    sign.add(part);
  }
  return sign;
}

export interface StreetLamp {
  readonly group: THREE.Group;
  readonly light: THREE.SpotLight | null;
}

/** 7 m high, the arm reaches 1.9 m towards `armTowards` (±1 along z). */
export function makeStreetLamp(x: number, z: number, armTowards: 1 | -1, isLit: boolean): StreetLamp {
  const group = new THREE.Group();
  const pole = new THREE.Mesh(new THREE.CylinderGeometry(0.06, 0.1, 7, 10), STEEL);
  pole.position.y = 3.5;
  const arm = new THREE.Mesh(new THREE.CylinderGeometry(0.04, 0.045, 1.9, 8), STEEL);
  arm.rotation.x = Math.PI / 2;
  arm.position.set(0, 6.92, 0.95 * armTowards);
  const head = new THREE.Mesh(new THREE.BoxGeometry(0.26, 0.1, 0.62), STEEL);
  head.position.set(0, 6.92, 1.9 * armTowards);
  for (const part of [pole, arm, head]) part.castShadow = true;
  group.add(pole, arm, head);
  group.position.set(x, 0, z);
  if (!isLit) return { group, light: null };
  const lens = new THREE.Mesh(new THREE.BoxGeometry(0.2, 0.02, 0.5), new THREE.MeshBasicMaterial({ color: 0xffe2b0 }));
  lens.position.set(0, 6.86, 1.9 * armTowards);
  const halo = new THREE.Sprite(
    new THREE.SpriteMaterial({
      map: glowTexture(),
      color: 0xffca85,
      blending: THREE.AdditiveBlending,
      depthWrite: false,
      opacity: 0.8,
    }),
  );
  halo.scale.setScalar(2.1);
  halo.position.set(0, 6.78, 1.9 * armTowards);
  const light = new THREE.SpotLight(0xffc888, 380, 36, 1.2, 0.7, 1.9);
  light.position.set(0, 6.8, 1.9 * armTowards);
  light.target.position.set(0, 0, 2.3 * armTowards);
  group.add(lens, halo, light, light.target);
  return { group, light };
}

/** A picket fence of white boards along x. */
export function makeFence(lengthM: number): THREE.Group {
  const fence = new THREE.Group();
  const white = new THREE.MeshLambertMaterial({ color: 0xdedcd4 });
  const count = Math.floor(lengthM / 0.16);
  const boards = new THREE.InstancedMesh(new THREE.BoxGeometry(0.08, 0.9, 0.02), white, count);
  const place = new THREE.Matrix4();
  for (let i = 0; i < count; i++) boards.setMatrixAt(i, place.makeTranslation(i * 0.16 - lengthM / 2, 0.5, 0));
  boards.castShadow = true;
  boards.receiveShadow = true;
  fence.add(boards);
  for (const y of [0.3, 0.75]) {
    const rail = new THREE.Mesh(new THREE.BoxGeometry(lengthM, 0.07, 0.03), white);
    rail.position.set(0, y, -0.03);
    fence.add(rail);
  }
  return fence;
}

export function makeLetterBox(): THREE.Group {
  const group = new THREE.Group();
  const post = new THREE.Mesh(
    new THREE.BoxGeometry(0.09, 1.05, 0.09),
    new THREE.MeshLambertMaterial({ color: 0x6b5540 }),
  );
  post.position.y = 0.52;
  const box = new THREE.Mesh(
    new THREE.CapsuleGeometry(0.11, 0.34, 4, 10),
    new THREE.MeshLambertMaterial({ color: 0x2f3a44 }),
  );
  box.rotation.x = Math.PI / 2;
  box.position.y = 1.12;
  post.castShadow = true;
  box.castShadow = true;
  group.add(post, box);
  return group;
}

/** Wooden poles along x at the given places, with wires that sag between them. */
export function makePowerLine(z: number, xs: readonly number[]): THREE.Group {
  const group = new THREE.Group();
  const wood = new THREE.MeshLambertMaterial({ color: 0x5d4d3f });
  const wire = new THREE.MeshBasicMaterial({ color: 0x23262a });
  for (const x of xs) {
    const pole = new THREE.Mesh(new THREE.CylinderGeometry(0.11, 0.15, 9, 9), wood);
    pole.position.set(x, 4.5, z);
    pole.castShadow = true;
    const beam = new THREE.Mesh(new THREE.BoxGeometry(0.1, 0.12, 2), wood);
    beam.position.set(x, 8.5, z);
    group.add(pole, beam);
  }
  for (const [index, from] of xs.entries()) {
    const to = xs[index + 1];
    if (to === undefined) break;
    for (const across of [-0.85, 0, 0.85]) {
      const path = new THREE.QuadraticBezierCurve3(
        new THREE.Vector3(from, 8.6, z + across),
        new THREE.Vector3((from + to) / 2, 7.2, z + across),
        new THREE.Vector3(to, 8.6, z + across),
      );
      group.add(new THREE.Mesh(new THREE.TubeGeometry(path, 14, 0.014, 4), wire));
    }
  }
  return group;
}
