/** Tubes and joints: what people and bicycles are made of. Browser side. */
import * as THREE from 'three';

type Vec = readonly [number, number, number];

/** A tube whose ends are moved every frame. */
export class Limb {
  readonly mesh: THREE.Mesh;
  readonly #from = new THREE.Vector3();
  readonly #to = new THREE.Vector3();

  /** Radii at the beginning and at the end; the tube is one metre long and stretched. */
  constructor(material: THREE.Material, radius0: number, radius1 = radius0) {
    const geometry = new THREE.CylinderGeometry(radius1, radius0, 1, 10);
    geometry.translate(0, 0.5, 0);
    this.mesh = new THREE.Mesh(geometry, material);
    this.mesh.castShadow = true;
    this.mesh.receiveShadow = true;
  }

  set(from: Vec, to: Vec): this {
    this.#from.set(...from);
    this.#to.set(...to).sub(this.#from);
    this.mesh.position.copy(this.#from);
    this.mesh.scale.set(1, this.#to.length(), 1);
    this.mesh.quaternion.setFromUnitVectors(UP, this.#to.normalize());
    return this;
  }
}

const UP = new THREE.Vector3(0, 1, 0);

export function ball(material: THREE.Material, radius: number, at: Vec, squash: Vec = [1, 1, 1]): THREE.Mesh {
  const mesh = new THREE.Mesh(new THREE.SphereGeometry(radius, 16, 12), material);
  mesh.position.set(...at);
  mesh.scale.set(...squash);
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  return mesh;
}

/**
 * The middle joint of a two-part limb, in the plane of x and y (knee, elbow), by the law of cosines.
 * @param bend 1: the joint lies before the line from → to (knee), -1: behind it (elbow)
 */
export function joint(from: Vec, to: Vec, upperM: number, lowerM: number, bend: 1 | -1): Vec {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const reach = Math.min(Math.hypot(dx, dy), upperM + lowerM - 1e-3);
  const along = (reach * reach + upperM * upperM - lowerM * lowerM) / (2 * reach);
  const out = bend * Math.sqrt(Math.max(0, upperM * upperM - along * along));
  const [ux, uy] = [dx / reach, dy / reach];
  return [from[0] + ux * along - uy * out, from[1] + uy * along + ux * out, (from[2] + to[2]) / 2];
}
