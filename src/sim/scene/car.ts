/** A car: lofted skin, painted sides, wheels, mirrors, lamps. Browser side. */
import * as THREE from 'three';
import { CAR_PROFILES, type CarKind } from '../body-shape.ts';
import { type BodyModel, contactShadow, lampHalo, makeWheel, switchLamps } from './body-model.ts';
import { CAR_DETAILS } from './car-details.ts';
import { carGeometry } from './car-loft.ts';
import { paintCar } from './car-paint.ts';

/** @param plate words of the number plate */
export function makeCar(kind: CarKind, colour: string, plate: string): BodyModel {
  const profile = CAR_PROFILES[kind];
  const details = CAR_DETAILS[kind];
  const { lengthM, widthM, heightM, wheelRadiusM, axlesM } = profile;
  const group = new THREE.Group();
  const add = (mesh: THREE.Mesh, x: number, y: number, z: number) => {
    mesh.position.set(x - lengthM / 2, y, z);
    mesh.castShadow = true;
    group.add(mesh);
    return mesh;
  };
  const paint = paintCar(profile, details, colour, plate);
  const skin = add(
    new THREE.Mesh(carGeometry(profile), [paint.side, paint.top, paint.front, paint.rear]),
    lengthM / 2,
    0,
    0,
  );
  skin.receiveShadow = true;
  add(new THREE.Mesh(new THREE.BoxGeometry(lengthM - 0.5, 0.5, widthM - 0.46), DARK), lengthM / 2, 0.45, 0);
  const wheels = axlesM.flatMap((x) =>
    ([-1, 1] as const).map((side) => {
      const wheel = makeWheel(wheelRadiusM, 0.23, side);
      wheel.group.position.set(x - lengthM / 2, wheelRadiusM, side * (widthM / 2 - 0.115));
      group.add(wheel.group);
      return wheel;
    }),
  );
  const lacquer = new THREE.MeshPhysicalMaterial({ color: colour, roughness: 0.35, clearcoat: 1 });
  const [mirrorX, mirrorY] = details.windows.at(-1)?.at(-1) ?? [lengthM / 2, 1];
  for (const side of [-1, 1]) {
    const mirror = add(new THREE.Mesh(MIRROR, lacquer), mirrorX - 0.12, mirrorY + 0.1, side * (widthM / 2 + 0.06));
    mirror.scale.set(0.75, 0.7, 1);
    if (!details.isRugged) continue;
    const rail = add(new THREE.Mesh(RAIL, RAIL_METAL), 1.45, heightM - 0.03, side * 0.535);
    rail.rotation.z = Math.PI / 2;
  }
  group.add(contactShadow(lengthM, widthM));
  const halos = { front: [] as THREE.Sprite[], rear: [] as THREE.Sprite[] };
  for (const side of [-1, 1]) {
    const head = lampHalo(0xfff0d8, 0.95);
    head.position.set(lengthM / 2 + 0.05, details.headlampY - 0.05, side * 0.39 * widthM);
    halos.front.push(head);
    const tail = lampHalo(0xff2a18, 0.7);
    tail.position.set(-lengthM / 2 - 0.05, details.tailLampY - 0.06, side * 0.42 * widthM);
    halos.rear.push(tail);
  }
  group.add(...halos.front, ...halos.rear);
  const lamps = { front: paint.front, rear: [paint.side, paint.rear], halos };
  return {
    group,
    pose: (state) => {
      for (const wheel of wheels) wheel.roll(state.front);
      switchLamps(lamps, state);
    },
  };
}

const DARK = new THREE.MeshStandardMaterial({ color: 0x0a0a0b, roughness: 0.95 });
const MIRROR = new THREE.SphereGeometry(0.11, 14, 10);
const RAIL = new THREE.CapsuleGeometry(0.02, 1.7, 4, 8);
const RAIL_METAL = new THREE.MeshStandardMaterial({ color: 0x222426, roughness: 0.4, metalness: 0.6 });
