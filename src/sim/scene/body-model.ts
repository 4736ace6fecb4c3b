/** What every body in the scene can do, and the parts that vehicles share: wheels, lamps, contact shadow. Browser side. */
import * as THREE from 'three';
import type { BodyState } from '../scenario.ts';
import { CONTACT_SHADOW } from './contact-shadow.ts';
import { colourTexture, contactShadowTexture, glowTexture, paintCanvas } from './textures.ts';

/** A body in three.js; its frame is that of body-shape.ts, so that moving the group moves the body. */
export interface BodyModel {
  readonly group: THREE.Group;
  /** Wheels, legs, lamps: everything but place and heading. */
  pose(state: BodyState): void;
}

export interface VehicleLamps {
  readonly front: THREE.MeshStandardMaterial;
  readonly rear: readonly THREE.MeshStandardMaterial[];
  readonly halos: { readonly front: readonly THREE.Sprite[]; readonly rear: readonly THREE.Sprite[] };
}

/** Brake lamps shine by day too; headlamps and tail lamps when they are on. */
export function switchLamps({ front, rear, halos }: VehicleLamps, { headlights, braking }: BodyState): void {
  front.emissiveIntensity = headlights ? 2.6 : 0;
  const tail = braking ? (headlights ? 3.2 : 1.7) : headlights ? 0.55 : 0;
  for (const material of rear) material.emissiveIntensity = tail;
  for (const halo of halos.front) halo.visible = headlights;
  for (const halo of halos.rear) {
    halo.visible = headlights;
    halo.material.opacity = braking ? 0.75 : 0.22;
  }
}

const halo = glowTexture();

/** The shine around a lamp, seen at night. */
export function lampHalo(colour: number, sizeM: number): THREE.Sprite {
  const sprite = new THREE.Sprite(
    new THREE.SpriteMaterial({
      map: halo,
      color: colour,
      blending: THREE.AdditiveBlending,
      depthWrite: false,
      opacity: 0.8,
    }),
  );
  sprite.scale.setScalar(sizeM);
  sprite.visible = false;
  return sprite;
}

export interface Wheel {
  readonly group: THREE.Group;
  /** @param metres along the vehicle's path */
  roll(metres: number): void;
}

/** @param side 1 on the right (+z), -1 on the left */
export function makeWheel(radiusM: number, widthM: number, side: 1 | -1): Wheel {
  const outer = widthM / 2;
  const tyre = [
    [radiusM * 0.4, -outer],
    [radiusM - 0.05, -outer],
    [radiusM - 0.012, -outer + 0.015],
    [radiusM, -outer + 0.045],
    [radiusM, outer - 0.045],
    [radiusM - 0.012, outer - 0.015],
    [radiusM - 0.05, outer],
    [radiusM * 0.7, outer - 0.01],
  ] as const;
  const spin = new THREE.Group();
  const rubber = new THREE.Mesh(
    new THREE.LatheGeometry(
      tyre.map(([r, y]) => new THREE.Vector2(r, y)),
      28,
    ),
    RUBBER,
  );
  rubber.castShadow = true;
  const rim = new THREE.Mesh(new THREE.CircleGeometry(radiusM * 0.93, 28), rimMaterial());
  rim.rotation.x = -Math.PI / 2;
  rim.position.y = outer - 0.017;
  spin.add(rubber, rim);
  const group = new THREE.Group();
  group.add(spin);
  group.rotation.x = (side * Math.PI) / 2;
  return {
    group,
    roll: (metres) => {
      spin.rotation.y = (-side * metres) / radiusM;
    },
  };
}

const RUBBER = new THREE.MeshStandardMaterial({ color: 0x17181a, roughness: 0.9 });
let rims: THREE.MeshStandardMaterial | null = null;

function rimMaterial(): THREE.MeshStandardMaterial {
  rims ??= new THREE.MeshStandardMaterial({ map: colourTexture(rimCanvas()), roughness: 0.35, metalness: 0.55 });
  return rims;
}

function rimCanvas(): HTMLCanvasElement {
  return paintCanvas(128, 128, (pen) => {
    pen.fillStyle = '#151515';
    pen.fillRect(0, 0, 128, 128);
    pen.translate(64, 64);
    pen.fillStyle = '#2a2b2c';
    pen.beginPath();
    pen.arc(0, 0, 46, 0, 2 * Math.PI);
    pen.fill();
    pen.strokeStyle = '#aeb2b5';
    pen.lineWidth = 5;
    pen.beginPath();
    pen.arc(0, 0, 43, 0, 2 * Math.PI);
    pen.stroke();
    pen.fillStyle = '#b5b9bc';
    for (let spoke = 0; spoke < 5; spoke++) {
      pen.rotate((2 * Math.PI) / 5);
      pen.beginPath();
      pen.moveTo(-9, 0);
      pen.lineTo(-6, 43);
      pen.lineTo(6, 43);
      pen.lineTo(9, 0);
      pen.fill();
    }
    pen.beginPath();
    pen.arc(0, 0, 12, 0, 2 * Math.PI);
    pen.fill();
  });
}

let shadow: THREE.Texture | null = null;

/** The darkness right under a body that no sun shadow gives. */
export function contactShadow(lengthM: number, widthM: number, opacity = 0.75): THREE.Mesh {
  shadow ??= contactShadowTexture();
  const mesh = new THREE.Mesh(
    new THREE.PlaneGeometry(lengthM * CONTACT_SHADOW.spreadX, widthM * CONTACT_SHADOW.spreadZ),
    new THREE.MeshBasicMaterial({
      map: shadow,
      color: 0x000000,
      transparent: true,
      opacity,
      depthWrite: false,
      polygonOffset: true,
      polygonOffsetFactor: -2,
    }),
  );
  mesh.rotation.x = -Math.PI / 2;
  mesh.position.y = 0.02;
  return mesh;
}
