/**
 * Bodies lofted over cross-sections: rings of points along x joined to a skin, every face textured from the side it
 * faces. Browser side; used by cars and the bus.
 */
import * as THREE from 'three';

/** A closed ring of [x, y, z], body frame of body-shape.ts; all rings of a body have the same number of points. */
export type Ring = readonly (readonly [number, number, number])[];

export interface LoftSize {
  readonly lengthM: number;
  readonly widthM: number;
  /** Height that v = 1 stands for. */
  readonly textureHeightM: number;
}

/** Material groups, in this order. */
export const FACES = ['side', 'top', 'front', 'rear'] as const;

/** Rings from the rear to the front, each beginning at the bottom and going up on +z. */
export function loft(rings: readonly Ring[], size: LoftSize): THREE.BufferGeometry {
  const skin = join(rings);
  const position = skin.getAttribute('position');
  const normal = skin.getAttribute('normal');
  const buckets = sortByFacing(skin);
  const [positions, normals, uvs, indexes]: [number[], number[], number[], number[]] = [[], [], [], []];
  const geometry = new THREE.BufferGeometry();
  for (const [face, vertices] of buckets.entries()) {
    geometry.addGroup(indexes.length, vertices.length, face);
    // Faces share their vertices: software rendering pays for each of them, twice with the shadow.
    const known = new Map<number, number>();
    for (const i of vertices) {
      let index = known.get(i);
      if (index === undefined) {
        index = positions.length / 3;
        known.set(i, index);
        const [x, y, z] = [position.getX(i), position.getY(i), position.getZ(i)];
        positions.push(x, y, z);
        normals.push(normal.getX(i), normal.getY(i), normal.getZ(i));
        const along = x / size.lengthM + 0.5;
        const across = z / size.widthM + 0.5;
        const up = y / size.textureHeightM;
        uvs.push(...(face === 0 ? [along, up] : face === 1 ? [along, across] : [across, up]));
      }
      indexes.push(index);
    }
  }
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3));
  geometry.setAttribute('normal', new THREE.Float32BufferAttribute(normals, 3));
  geometry.setAttribute('uv', new THREE.Float32BufferAttribute(uvs, 2));
  geometry.setIndex(indexes);
  return geometry;
}

function join(rings: readonly Ring[]): THREE.BufferGeometry {
  const perRing = rings[0]?.length ?? 0;
  const indexes: number[] = [];
  for (let ring = 0; ring + 1 < rings.length; ring++) {
    for (let j = 0; j < perRing; j++) {
      const a = ring * perRing + j;
      const b = ring * perRing + ((j + 1) % perRing);
      indexes.push(a, a + perRing, b, b, a + perRing, b + perRing);
    }
  }
  const skin = new THREE.BufferGeometry();
  skin.setAttribute('position', new THREE.Float32BufferAttribute(rings.flat(2), 3));
  skin.setIndex(indexes);
  skin.computeVertexNormals();
  return skin;
}

/** Vertices of the triangles that face the side, the top, the front and the rear. */
function sortByFacing(skin: THREE.BufferGeometry): number[][] {
  const position = skin.getAttribute('position');
  const index = skin.getIndex();
  const buckets: [number[], number[], number[], number[]] = [[], [], [], []];
  const [a, b, c] = [new THREE.Vector3(), new THREE.Vector3(), new THREE.Vector3()];
  for (let t = 0; index && t < index.count; t += 3) {
    const [i, j, k] = [index.getX(t), index.getX(t + 1), index.getX(t + 2)];
    a.fromBufferAttribute(position, i);
    b.fromBufferAttribute(position, j).sub(a);
    c.fromBufferAttribute(position, k).sub(a);
    b.cross(c);
    if (b.lengthSq() < 1e-14) continue;
    b.normalize();
    buckets[facing(b)].push(i, j, k);
  }
  return buckets;
}

function facing({ x, y, z }: THREE.Vector3): 0 | 1 | 2 | 3 {
  if (Math.abs(x) > 0.72 && Math.abs(x) > Math.abs(z)) return x > 0 ? 2 : 3;
  return Math.abs(y) > Math.abs(z) * 1.15 ? 1 : 0;
}
