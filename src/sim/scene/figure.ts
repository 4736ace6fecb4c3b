/** The clothes and the upper body that a pedestrian and a cyclist share. Browser side. */
import * as THREE from 'three';
import { ball, Limb } from './limb.ts';

export interface Wardrobe {
  readonly shirt: THREE.Material;
  readonly trousers: THREE.Material;
  readonly skin: THREE.Material;
  readonly hair: THREE.Material;
  readonly shoes: THREE.Material;
}

const cloth = (color: THREE.ColorRepresentation) => new THREE.MeshStandardMaterial({ color, roughness: 0.9 });

export function wardrobe(shirt: string): Wardrobe {
  return {
    shirt: cloth(shirt),
    trousers: cloth(0x2b3445),
    skin: new THREE.MeshStandardMaterial({ color: 0xc69176, roughness: 0.65 }),
    hair: cloth(0x33251c),
    shoes: cloth(0x1d1a18),
  };
}

/** Head with hair and face, its middle at the origin, looking towards +x. */
export function makeHead(clothes: Wardrobe): THREE.Group {
  const head = new THREE.Group();
  head.add(
    ball(clothes.skin, 0.1, [0, 0, 0], [1, 1.22, 0.88]),
    ball(clothes.hair, 0.105, [-0.018, 0.035, 0], [1, 1.08, 0.95]),
    ball(clothes.skin, 0.022, [0.1, -0.01, 0]),
    new Limb(clothes.skin, 0.05).set([-0.015, -0.2, 0], [-0.005, -0.08, 0]).mesh,
  );
  return head;
}

/** Trunk from the hips to the shoulders as a loft of flattened rings. */
export function makeTrunk(clothes: Wardrobe, lengthM: number): THREE.Mesh {
  const rings = [
    [0, 0.15],
    [0.12, 0.165],
    [0.3, 0.15],
    [0.5, 0.165],
    [0.75, 0.195],
    [0.9, 0.185],
    [1, 0.08],
  ] as const;
  const geometry = new THREE.LatheGeometry(
    rings.map(([up, radius]) => new THREE.Vector2(radius, up * lengthM)),
    18,
  );
  const trunk = new THREE.Mesh(geometry, clothes.shirt);
  trunk.scale.set(0.68, 1, 1.08);
  trunk.castShadow = true;
  trunk.receiveShadow = true;
  return trunk;
}
