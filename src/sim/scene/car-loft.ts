/** The skin of a car from its profile (body-shape.ts, which projects the same shape for the truth). Browser side. */
import * as THREE from 'three';
import type { CarProfile } from '../body-shape.ts';
import { loft, type Ring } from './loft.ts';

const STATIONS = 96;
const STEPS = 3;

export function carGeometry(profile: CarProfile): THREE.BufferGeometry {
  const outline = new THREE.CatmullRomCurve3(
    profile.top.map(([x, y]) => new THREE.Vector3(x, y, 0)),
    false,
    'centripetal',
  );
  const rings: Ring[] = [];
  for (let i = 0; i <= STATIONS; i++) {
    const { x, y } = outline.getPoint(i / STATIONS);
    rings.push(crossSection(profile, Math.min(profile.lengthM, Math.max(0, x)), y));
  }
  return loft(rings, { ...profile, textureHeightM: profile.heightM + 0.1 });
}

/** From the middle of the underside over the belt line to the middle of the roof, and back on the other side. */
function crossSection(profile: CarProfile, x: number, top: number): Ring {
  const { lengthM, widthM, beltM } = profile;
  const end = Math.min(x, lengthM - x);
  const bottom = Math.min(top - 0.04, 0.2 + 0.14 * (1 - clamp01(end / 0.55)) ** 2);
  const half = (widthM / 2) * (0.9 + 0.1 * Math.sqrt(1 - (1 - clamp01(end / 0.75)) ** 2));
  const fullBelt = mix(beltM[0], beltM[1], x / lengthM);
  const belt = Math.min(fullBelt, top - 0.05);
  // Where the roof is well above the belt there is a cabin; elsewhere the section is a bonnet or a boot.
  const above = Math.max(0, top - fullBelt);
  const cabin = clamp01(above / 0.15);
  const roof = half * 0.985 - 0.05 * clamp01(above / 0.1) - 0.36 * above;
  const points: readonly (readonly [z: number, y: number])[] = [
    [0, bottom],
    [half * 0.84, bottom],
    [half * 0.955, bottom + 0.05 * clamp01((top - bottom) / 0.3)],
    [half * 0.995, mix(bottom, belt, 0.35)],
    [half, mix(bottom, belt, 0.68)],
    [half * 0.985, belt - 0.01],
    [half * 0.955, belt + mix(0.028, 0.045, cabin)],
    [mix(half * 0.9, mix(half * 0.95, roof, 0.55), cabin), mix(top - 0.012, mix(belt, top, 0.55), cabin)],
    [mix(half * 0.82, roof, cabin), top - mix(0.006, 0.09, cabin)],
    [mix(half * 0.7, roof - 0.1, cabin), top - mix(0, 0.012, cabin)],
    [roof * 0.45, top + 0.012],
    [0, top + 0.018],
  ];
  const curve = new THREE.CatmullRomCurve3(
    points.map(([z, y]) => new THREE.Vector3(0, y, z)),
    false,
    'catmullrom',
    0.35,
  );
  const count = (points.length - 1) * STEPS;
  const right = Array.from({ length: count + 1 }, (_, j) => curve.getPoint(j / count));
  const left = right.slice(1, -1).reverse();
  const bend = (z: number, y: number): readonly [number, number, number] => {
    const middle = x - lengthM / 2;
    // Bumpers are curved in plan view.
    const k = clamp01((Math.abs(middle) - lengthM / 2 + 0.9) / 0.9) ** 2;
    return [middle - Math.sign(middle) * 0.17 * k * (z / (widthM / 2)) ** 2, y, z];
  };
  return [...right.map((p) => bend(Math.max(0, p.z), p.y)), ...left.map((p) => bend(-Math.max(0, p.z), p.y))];
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
