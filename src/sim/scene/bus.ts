/** A city bus: a long box with rounded edges, a band of windows, doors, a lit destination. Browser side. */
import * as THREE from 'three';
import { BUS_SIZE } from '../body-shape.ts';
import { type BodyModel, contactShadow, lampHalo, makeWheel, switchLamps } from './body-model.ts';
import { loft, type Ring } from './loft.ts';
import { Panel } from './panel.ts';

const { lengthM, widthM, heightM } = BUS_SIZE;
const HIGH = heightM + 0.1;
const WHEEL = 0.48;
/** Axles, metres from the rear. */
const AXLES = [2.6, lengthM - 3.3] as const;

export function makeBus(colour: string, line: string): BodyModel {
  const group = new THREE.Group();
  const front = paintFront(colour, line).material();
  const rear = paintRear(colour).material();
  const side = paintSide(colour).material({ alphaTest: 0.5 });
  const top = new Panel(lengthM, widthM, '#e3e3df');
  top.rect(2.2, 0.6, 2.6, 1.3, { colour: '#c9cac8', roughness: 0.6, round: 0.1 });
  const skin = new THREE.Mesh(skinGeometry(), [side, top.material(), front, rear]);
  skin.castShadow = true;
  skin.receiveShadow = true;
  const cooler = new THREE.Mesh(
    new THREE.BoxGeometry(2.4, 0.14, 1.4),
    new THREE.MeshStandardMaterial({ color: 0xd8d8d4 }),
  );
  cooler.position.set(-1.6, heightM, 0);
  cooler.castShadow = true;
  const floor = new THREE.Mesh(
    new THREE.BoxGeometry(lengthM - 0.6, 0.5, widthM - 0.7),
    new THREE.MeshStandardMaterial({ color: 0x0a0a0b, roughness: 0.95 }),
  );
  floor.position.y = 0.55;
  floor.castShadow = true;
  group.add(skin, cooler, floor, contactShadow(lengthM, widthM));
  const wheels = AXLES.flatMap((x) =>
    ([-1, 1] as const).map((where) => {
      const wheel = makeWheel(WHEEL, 0.3, where);
      wheel.group.position.set(x - lengthM / 2, WHEEL, where * (widthM / 2 - 0.17));
      group.add(wheel.group);
      return wheel;
    }),
  );
  const halos = { front: [] as THREE.Sprite[], rear: [] as THREE.Sprite[] };
  for (const where of [-1, 1]) {
    const head = lampHalo(0xfff0d8, 1.05);
    head.position.set(lengthM / 2 + 0.05, 0.72, where * 0.95);
    halos.front.push(head);
    const tail = lampHalo(0xff2a18, 0.8);
    tail.position.set(-lengthM / 2 - 0.05, 1.05, where * 1.1);
    halos.rear.push(tail);
  }
  group.add(...halos.front, ...halos.rear);
  const lamps = { front, rear: [side, rear], halos };
  return {
    group,
    pose: (state) => {
      for (const wheel of wheels) wheel.roll(state.front);
      switchLamps(lamps, state);
    },
  };
}

function skinGeometry(): THREE.BufferGeometry {
  const half = lengthM / 2;
  const ends = [0, 0.03, 0.08, 0.15, 0.25, 0.4];
  const stations = [...ends.map((e) => -half + e), -half / 2, 0, half / 2, ...ends.map((e) => half - e).reverse()];
  const rings: Ring[] = [];
  const closing = (x: number): Ring => section(x, true);
  rings.push(closing(-half));
  for (const x of stations) rings.push(section(x, false));
  rings.push(closing(half));
  return loft(rings, { lengthM, widthM, textureHeightM: HIGH });
}

/** A rectangle with rounded roof edges; near the ends it is narrower (seen from above) and leans back at the roof. */
function section(x: number, isClosed: boolean): Ring {
  const end = lengthM / 2 - Math.abs(x);
  const round = 1 - Math.min(1, end / 0.25);
  const z = widthM / 2 - 0.22 * round ** 2;
  const bottom = 0.3;
  const outline: readonly (readonly [number, number])[] = [
    [0, bottom],
    [z - 0.08, bottom],
    [z, bottom + 0.1],
    [z, 1.1],
    [z, 2.5],
    [z - 0.02, 2.72],
    [z - 0.09, 2.9],
    [z - 0.25, 3.02],
    [z - 0.5, heightM],
    [0, heightM],
  ];
  const lean = (y: number) =>
    -Math.sign(x) *
    (0.06 * Math.min(1, Math.max(0, (y - 0.4) / 0.4)) + 0.24 * Math.max(0, (y - 2.6) / 0.45) ** 2) *
    (round > 0 || isClosed ? 1 : 0);
  const half = outline.map(([across, y]) => [x + lean(y), y, isClosed ? 0 : across] as const);
  return [
    ...half,
    ...half
      .slice(1, -1)
      .reverse()
      .map(([a, b, c]) => [a, b, -c] as const),
  ];
}

const GLASS = { colour: '#151b20', roughness: 0.06, round: 0.05 } as const;

function paintSide(colour: string): Panel {
  const panel = new Panel(lengthM, HIGH, colour);
  panel.rect(0, 0, lengthM, 0.42, { colour: '#26282a', roughness: 0.7 });
  panel.rect(0, 2.55, lengthM, 0.6, { colour: '#e3e3df', roughness: 0.4 });
  panel.rect(0.35, 1.25, lengthM - 0.9, 1.22, { colour: '#0d0f11', roughness: 0.15, round: 0.08 });
  for (let x = 0.5; x < lengthM - 1.2; x += 1.28) panel.rect(x, 1.32, 1.18, 1.06, GLASS);
  for (const x of [4.4, lengthM - 1.75]) {
    panel.rect(x, 0.4, 1.2, 2.1, { colour: '#15181b', roughness: 0.3, round: 0.04 });
    panel.rect(x + 0.06, 0.6, 0.5, 1.8, GLASS);
    panel.rect(x + 0.64, 0.6, 0.5, 1.8, GLASS);
  }
  panel.rect(0, 0.95, lengthM, 0.09, { colour: 'rgba(255,255,255,.75)', roughness: 0.35 });
  panel.rect(0, 0.8, 0.12, 0.35, { colour: '#7c0d0d', roughness: 0.2, glow: '#ff2010' });
  for (const x of AXLES) {
    panel.circle(x, WHEEL, WHEEL + 0.1, 'rgba(0,0,0,.5)', 0.05);
    panel.hole(x, WHEEL, WHEEL + 0.08);
  }
  return panel;
}

function paintFront(colour: string, line: string): Panel {
  const panel = new Panel(widthM, HIGH, colour);
  panel.rect(0, 0, widthM, 0.45, { colour: '#26282a', roughness: 0.7 });
  panel.rect(0.14, 1.05, widthM - 0.28, 1.95, { colour: '#0c0e10', roughness: 0.15, round: 0.12 });
  panel.rect(0.2, 1.12, widthM - 0.4, 1.35, GLASS);
  panel.rect(0.45, 2.55, widthM - 0.9, 0.36, { colour: '#0a0a0a', roughness: 0.5, round: 0.03 });
  panel.text(line, widthM / 2, 2.63, 0.24, '#ffb52e', true, '#ffab1e');
  for (const where of [-1, 1]) {
    const x = widthM / 2 + where * 0.95;
    panel.rect(x - 0.2, 0.62, 0.4, 0.2, { colour: '#22282c', roughness: 0.1, round: 0.05, glow: '#fff3dc' });
    panel.ellipse(x, 0.72, 0.09, 0.08, { colour: '#f0f3f4', roughness: 0.1, glow: '#ffffff' });
  }
  return panel;
}

function paintRear(colour: string): Panel {
  const panel = new Panel(widthM, HIGH, colour);
  panel.rect(0, 0, widthM, 0.5, { colour: '#26282a', roughness: 0.7 });
  panel.rect(0.3, 1.7, widthM - 0.6, 0.85, GLASS);
  for (let y = 0.7; y < 1.5; y += 0.09)
    panel.line(
      [
        [0.5, y],
        [widthM - 0.5, y],
      ],
      'rgba(0,0,0,.5)',
      0.03,
    );
  for (const where of [-1, 1]) {
    const x = widthM / 2 + where * 1.08;
    panel.rect(x - 0.1, 0.8, 0.2, 0.55, { colour: '#8e0f0f', roughness: 0.15, round: 0.04, glow: '#ff1808' });
  }
  return panel;
}
