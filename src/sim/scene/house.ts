/** Houses of wood or plaster with painted windows and a tiled gable roof; at night some rooms are lit. Browser side. */
import * as THREE from 'three';
import type { Random } from '../random.ts';
import { colourTexture, type Pen, paintCanvas, speckle } from './textures.ts';

export interface HouseSpec {
  readonly widthM: number;
  readonly depthM: number;
  readonly storeys: number;
  readonly wall: string;
  readonly roof: string;
}

const PX_PER_M = 56;
const STOREY_M = 2.8;

/** Its front faces +z. */
export function makeHouse(random: Random, spec: HouseSpec, lampsLit: boolean): THREE.Group {
  const house = new THREE.Group();
  const { widthM: w, depthM: d } = spec;
  const h = spec.storeys * STOREY_M;
  const front = wallMaterial(random, spec, w, true, lampsLit);
  const side = wallMaterial(random, spec, d, false, lampsLit);
  const roofing = new THREE.MeshLambertMaterial({ map: roofTexture(random, spec.roof) });
  const box = new THREE.Mesh(new THREE.BoxGeometry(w, h, d), [side, side, roofing, roofing, front, front]);
  box.position.y = h / 2;
  box.castShadow = true;
  box.receiveShadow = true;
  house.add(box, ...gable(w, d, h, roofing, spec.wall));
  const chimney = new THREE.Mesh(
    new THREE.BoxGeometry(0.7, 1.9, 0.7),
    new THREE.MeshLambertMaterial({ color: 0x7c4b3c }),
  );
  chimney.position.set(w * 0.24, h + d * 0.28, -d * 0.12);
  chimney.castShadow = true;
  house.add(chimney, ...porch(w, d));
  return house;
}

function gable(w: number, d: number, h: number, roofing: THREE.Material, wall: string): THREE.Mesh[] {
  const rise = d * 0.34;
  const outline = new THREE.Shape([
    new THREE.Vector2(-d / 2, 0),
    new THREE.Vector2(d / 2, 0),
    new THREE.Vector2(0, rise),
  ]);
  const body = new THREE.Mesh(
    new THREE.ExtrudeGeometry(outline, { depth: w, bevelEnabled: false }),
    new THREE.MeshLambertMaterial({ color: wall }),
  );
  body.rotation.y = Math.PI / 2;
  body.position.set(-w / 2, h, 0);
  const slope = Math.hypot(d / 2, rise) + 0.55;
  const pitch = Math.atan2(rise, d / 2);
  const planes = [-1, 1].map((side) => {
    const plane = new THREE.Mesh(new THREE.BoxGeometry(w + 0.9, 0.14, slope), roofing);
    plane.rotation.x = side * pitch;
    const middle = slope / 2 - 0.02;
    plane.position.set(0, h + rise - middle * Math.sin(pitch) + 0.06, side * middle * Math.cos(pitch));
    plane.castShadow = true;
    plane.receiveShadow = true;
    return plane;
  });
  return [body, ...planes];
}

function porch(w: number, d: number): THREE.Mesh[] {
  const white = new THREE.MeshLambertMaterial({ color: 0xe4e2db });
  const part = (size: readonly [number, number, number], at: readonly [number, number, number]) => {
    const mesh = new THREE.Mesh(new THREE.BoxGeometry(...size), white);
    mesh.position.set(...at);
    mesh.castShadow = true;
    mesh.receiveShadow = true;
    return mesh;
  };
  const x = doorAt(w);
  return [
    part([2.6, 0.16, 1.7], [x, 2.55, d / 2 + 0.85]),
    part([2.4, 0.3, 1.5], [x, 0.15, d / 2 + 0.75]),
    part([0.12, 2.4, 0.12], [x - 1.15, 1.3, d / 2 + 1.5]),
    part([0.12, 2.4, 0.12], [x + 1.15, 1.3, d / 2 + 1.5]),
  ];
}

/** Where the door's middle is, metres from the middle of the front. */
function doorAt(widthM: number): number {
  const bays = baysOf(widthM);
  return ((Math.floor(bays / 2) + 0.5) / bays - 0.5) * widthM;
}

function baysOf(lengthM: number): number {
  return Math.max(2, Math.floor(lengthM / 2.6));
}

function wallMaterial(random: Random, spec: HouseSpec, lengthM: number, hasDoor: boolean, lampsLit: boolean) {
  const [width, height] = [lengthM * PX_PER_M, spec.storeys * STOREY_M * PX_PER_M];
  const glow = paintCanvas(width, height, (pen) => {
    pen.fillStyle = '#000';
    pen.fillRect(0, 0, width, height);
  });
  const glowPen = glow.getContext('2d') as Pen;
  const canvas = paintCanvas(width, height, (pen) => {
    pen.fillStyle = spec.wall;
    pen.fillRect(0, 0, width, height);
    speckle(pen, random, { rgb: [122, 120, 114], amplitude: 40, count: 1200, sizePx: [1, 2] });
    for (let y = 0; y < height; y += 9) {
      pen.fillStyle = 'rgba(0,0,0,.16)';
      pen.fillRect(0, y, width, 1.6);
      pen.fillStyle = 'rgba(255,255,255,.10)';
      pen.fillRect(0, y + 1.6, width, 1.4);
    }
    const damp = pen.createLinearGradient(0, height - 50, 0, height);
    damp.addColorStop(0, 'rgba(40,36,28,0)');
    damp.addColorStop(1, 'rgba(40,36,28,.35)');
    pen.fillStyle = damp;
    pen.fillRect(0, height - 50, width, 50);
    const bays = baysOf(lengthM);
    for (let bay = 0; bay < bays; bay++) {
      const x = (width * (bay + 0.5)) / bays;
      for (let storey = 0; storey < spec.storeys; storey++) {
        if (hasDoor && storey === 0 && bay === Math.floor(bays / 2)) paintDoor(pen, x, height);
        else paintWindow(pen, random, x, height - (storey + 0.56) * STOREY_M * PX_PER_M, lampsLit ? glowPen : null);
      }
    }
  });
  return new THREE.MeshLambertMaterial({
    map: colourTexture(canvas),
    ...(lampsLit ? { emissiveMap: colourTexture(glow), emissive: 0xffffff, emissiveIntensity: 0.85 } : {}),
  });
}

function paintDoor(pen: Pen, x: number, bottom: number): void {
  const high = 2.05 * PX_PER_M;
  pen.fillStyle = '#e9e7e0';
  pen.fillRect(x - 34, bottom - high - 8, 68, high + 8);
  pen.fillStyle = '#5c2c22';
  pen.fillRect(x - 27, bottom - high, 54, high);
  pen.fillStyle = 'rgba(0,0,0,.3)';
  for (const [dx, dy] of [
    [-20, 12],
    [4, 12],
    [-20, 62],
    [4, 62],
  ] as const)
    pen.fillRect(x + dx, bottom - high + dy, 16, 40);
  pen.fillStyle = '#c8b068';
  pen.fillRect(x + 19, bottom - high / 2, 4, 6);
}

function paintWindow(pen: Pen, random: Random, x: number, y: number, glow: Pen | null): void {
  const [w, h] = [58, 76];
  const left = x - w / 2;
  const top = y - h / 2;
  pen.fillStyle = 'rgba(0,0,0,.28)';
  pen.fillRect(left - 5, top + h + 5, w + 12, 5);
  pen.fillStyle = '#efeee8';
  pen.fillRect(left - 7, top - 7, w + 14, h + 14);
  const pane = pen.createLinearGradient(left, top, left + w, top + h);
  pane.addColorStop(0, '#8fa6b8');
  pane.addColorStop(0.45, '#52626f');
  pane.addColorStop(1, '#232c35');
  pen.fillStyle = pane;
  pen.fillRect(left, top, w, h);
  pen.fillStyle = 'rgba(222,216,200,.5)';
  const drawn = random.between(0.12, 0.32) * w;
  pen.fillRect(left, top, drawn, h);
  pen.fillRect(left + w - drawn, top, drawn, h);
  const isLit = random.uniform() < 0.4;
  if (glow && isLit) {
    glow.fillStyle = `hsl(${random.between(32, 44)},72%,${random.between(42, 62)}%)`;
    glow.fillRect(left, top, w, h);
    glow.fillStyle = '#000';
    glow.fillRect(left + w / 2 - 2, top, 4, h);
    glow.fillRect(left, top + h / 2 - 2, w, 4);
  }
  pen.fillStyle = '#ecebe5';
  pen.fillRect(left + w / 2 - 2, top, 4, h);
  pen.fillRect(left, top + h / 2 - 2, w, 4);
}

function roofTexture(random: Random, colour: string): THREE.CanvasTexture {
  const canvas = paintCanvas(256, 256, (pen, width, height) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, width, height);
    for (let row = 0; row < 16; row++) {
      for (let column = 0; column < 12; column++) {
        pen.fillStyle = `rgba(${random.uniform() < 0.5 ? '0,0,0' : '255,255,255'},${random.between(0, 0.12)})`;
        pen.fillRect(column * 22 + (row % 2) * 11 - 11, row * 16, 21, 15);
      }
      pen.fillStyle = 'rgba(0,0,0,.3)';
      pen.fillRect(0, row * 16, width, 2);
    }
  });
  return colourTexture(canvas, [5, 3]);
}
