/** A person on a bicycle: wheels turn, legs pedal with the way that has been ridden. Browser side. */
import * as THREE from 'three';
import type { BodyState } from '../scenario.ts';
import { type BodyModel, contactShadow, lampHalo } from './body-model.ts';
import { makeHead, makeTrunk, wardrobe } from './figure.ts';
import { ball, joint, Limb } from './limb.ts';

const WHEEL_M = 0.345;
const AXLES = { rear: -0.53, front: 0.53 } as const;
const CRANK = { x: -0.04, y: 0.3, m: 0.17 } as const;
/** Metres ridden in one turn of the pedals. */
const DEVELOPMENT_M = 5.2;

export function makeCyclist(colour: string): BodyModel {
  const group = new THREE.Group();
  const frame = new THREE.MeshStandardMaterial({ color: 0x2e5f86, roughness: 0.35, metalness: 0.4 });
  const black = new THREE.MeshStandardMaterial({ color: 0x151617, roughness: 0.8 });
  const wheels = [AXLES.rear, AXLES.front].map((x) => {
    const wheel = makeBicycleWheel(black);
    wheel.position.set(x, WHEEL_M, 0);
    group.add(wheel);
    return wheel;
  });
  addFrame(group, frame, black);
  const clothes = wardrobe(colour);
  const [hip, shoulder] = [
    [-0.25, 0.97],
    [0.03, 1.38],
  ] as const;
  const trunk = makeTrunk(clothes, 0.54);
  trunk.position.set(hip[0] - 0.03, hip[1] - 0.06, 0);
  trunk.rotation.z = -Math.atan2(shoulder[0] - hip[0], shoulder[1] - hip[1]) - 0.05;
  const head = makeHead(clothes);
  head.position.set(0.1, 1.58, 0);
  const helmet = ball(
    new THREE.MeshStandardMaterial({ color: 0xd8d9d6, roughness: 0.4 }),
    0.125,
    [0.08, 1.625, 0],
    [1.15, 0.75, 0.92],
  );
  group.add(trunk, head, helmet, ball(clothes.trousers, 0.15, [hip[0], hip[1], 0], [0.85, 0.75, 1]));
  group.add(contactShadow(1.5, 0.4, 0.4));
  const legs = ([-1, 1] as const).map((side) => {
    const parts = {
      thigh: new Limb(clothes.trousers, 0.085, 0.06),
      shin: new Limb(clothes.trousers, 0.058, 0.042),
      knee: ball(clothes.trousers, 0.062, [0, 0, 0]),
      shoe: ball(clothes.shoes, 0.055, [0, 0, 0], [2.1, 0.8, 0.85]),
      crank: new Limb(black, 0.014),
    };
    group.add(parts.thigh.mesh, parts.shin.mesh, parts.knee, parts.shoe, parts.crank.mesh);
    const arm = [shoulder[0], shoulder[1] - 0.03, side * 0.19] as const;
    const grip = [0.4, 1.03, side * 0.26] as const;
    const elbow = [0.2, 1.14, side * 0.27] as const;
    group.add(new Limb(clothes.shirt, 0.052, 0.042).set(arm, elbow).mesh);
    group.add(new Limb(clothes.skin, 0.04, 0.032).set(elbow, grip).mesh, ball(clothes.skin, 0.045, grip));
    return { side, parts };
  });
  const lamp = lampHalo(0xfff4e0, 0.45);
  lamp.position.set(0.6, 0.92, 0);
  const tail = lampHalo(0xff2a18, 0.35);
  tail.position.set(-0.6, 0.72, 0);
  group.add(lamp, tail);
  return {
    group,
    pose: ({ front, headlights }: BodyState) => {
      lamp.visible = headlights;
      tail.visible = headlights;
      for (const wheel of wheels) wheel.rotation.z = -front / WHEEL_M;
      for (const { side, parts } of legs) {
        const angle = -(2 * Math.PI * front) / DEVELOPMENT_M + (side > 0 ? 0 : Math.PI);
        const pedal = [CRANK.x + CRANK.m * Math.cos(angle), CRANK.y + CRANK.m * Math.sin(angle), side * 0.1] as const;
        const ankle = [pedal[0] - 0.05, pedal[1] + 0.08, pedal[2]] as const;
        const hipAt = [hip[0], hip[1] - 0.02, side * 0.09] as const;
        const knee = joint(hipAt, ankle, 0.43, 0.42, 1);
        parts.knee.position.set(...knee);
        parts.thigh.set(hipAt, knee);
        parts.shin.set(knee, ankle);
        parts.shoe.position.set(pedal[0], pedal[1] + 0.03, pedal[2]);
        parts.crank.set([CRANK.x, CRANK.y, side * 0.07], pedal);
      }
    },
  };
}

function makeBicycleWheel(black: THREE.Material): THREE.Group {
  const wheel = new THREE.Group();
  const tyre = new THREE.Mesh(new THREE.TorusGeometry(WHEEL_M - 0.018, 0.019, 8, 36), black);
  tyre.castShadow = true;
  const steel = new THREE.MeshStandardMaterial({ color: 0xb9bcbe, roughness: 0.4, metalness: 0.7 });
  const rim = new THREE.Mesh(new THREE.TorusGeometry(WHEEL_M - 0.042, 0.009, 6, 36), steel);
  wheel.add(tyre, rim);
  for (let spoke = 0; spoke < 9; spoke++) {
    const angle = (spoke * Math.PI) / 9;
    const [x, y] = [Math.cos(angle) * (WHEEL_M - 0.04), Math.sin(angle) * (WHEEL_M - 0.04)];
    const limb = new Limb(steel, 0.0028).set([-x, -y, 0], [x, y, 0]);
    limb.mesh.castShadow = false;
    wheel.add(limb.mesh);
  }
  return wheel;
}

function addFrame(group: THREE.Group, paint: THREE.Material, black: THREE.Material): void {
  const tube = (
    from: readonly [number, number],
    to: readonly [number, number],
    radius: number,
    material = paint,
    z = 0,
  ) => group.add(new Limb(material, radius).set([from[0], from[1], z], [to[0], to[1], z]).mesh);
  const [crank, seat, head, fork] = [
    [CRANK.x, CRANK.y],
    [-0.22, 0.78],
    [0.37, 0.82],
    [0.41, 0.68],
  ] as const;
  tube(crank, seat, 0.017);
  tube(crank, fork, 0.02);
  tube(seat, head, 0.017);
  tube(head, fork, 0.022);
  for (const z of [-0.05, 0.05]) {
    tube(crank, [AXLES.rear, WHEEL_M], 0.01, paint, z);
    tube(seat, [AXLES.rear, WHEEL_M], 0.009, paint, z);
    tube(fork, [AXLES.front, WHEEL_M], 0.013, paint, z);
  }
  tube(seat, [-0.25, 0.9], 0.014, black);
  group.add(ball(black, 0.09, [-0.26, 0.92, 0], [1.5, 0.35, 0.8]));
  tube(head, [0.36, 1], 0.014, black);
  group.add(new Limb(black, 0.013).set([0.37, 1.01, -0.28], [0.37, 1.01, 0.28]).mesh);
}
