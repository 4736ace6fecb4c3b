/** A walking person, 1.74 m: arms and legs swing with the way that has been walked. Browser side. */
import * as THREE from 'three';
import { type BodyModel, contactShadow } from './body-model.ts';
import { makeHead, makeTrunk, wardrobe } from './figure.ts';
import { ball, joint, Limb } from './limb.ts';

const STRIDE_M = 1.45;
const HIP_Y = 0.92;
const SHOULDER_Y = 1.42;

export function makePedestrian(colour: string): BodyModel {
  const group = new THREE.Group();
  const clothes = wardrobe(colour);
  const trunk = makeTrunk(clothes, 0.56);
  trunk.position.set(-0.01, HIP_Y - 0.04, 0);
  const head = makeHead(clothes);
  head.position.set(0.02, 1.612, 0);
  group.add(
    trunk,
    head,
    ball(clothes.trousers, 0.155, [0, HIP_Y, 0], [0.8, 0.75, 1.05]),
    contactShadow(0.6, 0.42, 0.5),
  );
  const sides = ([-1, 1] as const).map((side) => {
    const parts = {
      thigh: new Limb(clothes.trousers, 0.085, 0.062),
      shin: new Limb(clothes.trousers, 0.062, 0.045),
      knee: ball(clothes.trousers, 0.064, [0, 0, 0]),
      foot: ball(clothes.shoes, 0.06, [0, 0, 0], [2, 0.8, 0.85]),
      upperArm: new Limb(clothes.shirt, 0.055, 0.045),
      forearm: new Limb(clothes.skin, 0.042, 0.033),
      hand: ball(clothes.skin, 0.045, [0, 0, 0]),
      shoulder: ball(clothes.shirt, 0.068, [-0.01, SHOULDER_Y - 0.035, side * 0.175]),
    };
    group.add(
      parts.thigh.mesh,
      parts.shin.mesh,
      parts.knee,
      parts.foot,
      parts.upperArm.mesh,
      parts.forearm.mesh,
      parts.hand,
      parts.shoulder,
    );
    return { side, parts };
  });
  return {
    group,
    pose: ({ front, speedMps }) => {
      const swing = speedMps > 0 ? 1 : 0;
      for (const { side, parts } of sides) {
        const phase = (2 * Math.PI * front) / STRIDE_M + (side > 0 ? 0 : Math.PI);
        const ahead = swing * Math.sin(phase);
        const lift = swing * Math.max(0, Math.cos(phase));
        const hip = [0, HIP_Y, side * 0.09] as const;
        const foot = [0.29 * ahead + 0.02, 0.09 + 0.1 * lift, side * 0.09] as const;
        const knee = joint(hip, foot, 0.44, 0.43, 1);
        parts.knee.position.set(...knee);
        parts.thigh.set(hip, knee);
        parts.shin.set(knee, foot);
        parts.foot.position.set(foot[0] + 0.055, foot[1] - 0.045, foot[2]);
        const shoulder = [-0.01, SHOULDER_Y - 0.03, side * 0.195] as const;
        const hand = [-0.2 * ahead + 0.04, 0.87 + 0.05 * Math.abs(ahead), side * 0.22] as const;
        const elbow = joint(shoulder, hand, 0.29, 0.27, -1);
        parts.upperArm.set(shoulder, elbow);
        parts.forearm.set(elbow, hand);
        parts.hand.position.set(...hand);
      }
    },
  };
}
