/** Puts the intersection together: ground, houses, gardens, trees, sign and lamps, light and sky. Browser side. */
import * as THREE from 'three';
import { seededRandom } from '../random.ts';
import { makeFence, makeLetterBox, makePowerLine, makeStopSign, makeStreetLamp } from './furniture.ts';
import { type HouseSpec, makeHouse } from './house.ts';
import { makeHedge, makeTree } from './leaves.ts';
import { skyTexture, smallSky, treeLine } from './sky.ts';
import { makeStreet } from './street.ts';
import { addSun } from './sun.ts';
import type { Weather } from './weather.ts';

/** Beside the near kerb beyond the line: from the usual side its pole is never before a car that stands at the line. */
export const SIGN_AT = { x: 1.9, z: 4.65 } as const;

const house = (x: number, z: number, storeys: number, wall: string, roof: string, widthM = 11): PlacedHouse => ({
  at: [x, z],
  spec: { widthM, depthM: 8, storeys, wall, roof },
});

interface PlacedHouse {
  readonly at: readonly [x: number, z: number];
  readonly spec: HouseSpec;
}

const FAR_HOUSES: readonly PlacedHouse[] = [
  house(-24, -19, 2, '#cdc5b1', '#5a4a42'),
  house(-8.5, -20, 2, '#8b9ea8', '#44484e', 10),
  house(-41, -20, 1, '#dad6ca', '#6b4b40'),
  house(-58, -19, 2, '#b3a58d', '#4a4f55'),
  house(24, -19, 2, '#b88f79', '#544a45', 12),
  house(42, -21, 2, '#9aa68e', '#44484d'),
  house(61, -20, 1, '#c9c4bb', '#5d4138'),
];
/** Behind the usual camera; other cameras see them. */
const NEAR_HOUSES: readonly PlacedHouse[] = [
  house(-20, 25, 1, '#c7b9a2', '#59463d'),
  house(-38, 25, 2, '#93a3a0', '#43474c'),
  house(-57, 24, 1, '#d4cfc2', '#6a4a40'),
  house(27, 24, 2, '#a8957f', '#4d4742'),
  house(46, 25, 1, '#cfcabd', '#54483f'),
];

const TREES: readonly (readonly [x: number, z: number, heightM: number])[] = [
  [-31, -10, 7],
  [-16.5, -10.6, 7.6],
  [-1.2, -11.8, 6.6],
  [17.5, -10.5, 8],
  [33, -12, 9],
  [-48, -11, 8],
  [-66, -10, 8],
  [2, -34, 11],
  [-14, -35, 12],
  [14, -36, 11],
  [-34, -36, 13],
  [34, -36, 12],
  [54, -30, 12],
  [-60, -33, 13],
  [-82, -28, 12],
  [-30, 11.5, 8],
  [-50, 10.5, 9],
  [26, 11.5, 8],
  [46, 10.5, 9],
  [66, 10, 9],
  [-70, 11, 9],
  [-12, 33, 11],
  [18, 34, 11],
  [-84, 12, 10],
  [80, -11, 10],
  [70, -30, 12],
];

export function makeNeighbourhood(renderer: THREE.WebGLRenderer, weather: Weather): THREE.Scene {
  const random = seededRandom(1, 'neighbourhood');
  const scene = new THREE.Scene();
  lightUp(scene, renderer, weather);
  scene.add(treeLine(weather, random), makeStreet(random, weather));
  for (const [houses, turn] of [
    [FAR_HOUSES, 0],
    [NEAR_HOUSES, Math.PI],
  ] as const) {
    for (const { at, spec } of houses) place(scene, makeHouse(random, spec, weather.lampsLit), ...at, turn);
  }
  for (const [x, z, heightM] of TREES) {
    const isFar = Math.abs(z) > 25 || Math.abs(x) > 60;
    const spec = {
      heightM: heightM * random.between(0.92, 1.1),
      hue: random.between(74, 98),
      cards: isFar ? 520 : 1500,
    };
    place(scene, makeTree(random, spec), x, z, 0);
  }
  for (const [x, z, lengthM] of [
    [-24, -8.4, 9],
    [-7.2, -8.4, 6],
    [26, -8.4, 10],
    [-58, -8.4, 9],
  ] as const) {
    place(scene, makeHedge(random, lengthM), x, z, 0);
  }
  place(scene, makeFence(12), -41, -8.2, 0);
  place(scene, makeFence(9), 42, -8.2, 0);
  for (const [x, z] of [
    [-18.6, -5.1],
    [-4.1, -5.1],
    [-35.5, -5.1],
    [19.4, -5.1],
  ] as const) {
    place(scene, makeLetterBox(), x, z, 0);
  }
  scene.add(makePowerLine(-15.2, [-95, -62, -29.5, 3.2, 36, 69]));
  place(scene, makeStopSign(), SIGN_AT.x, SIGN_AT.z, -Math.PI / 2);
  for (const [x, z, arm] of [
    [-13, -4.4, 1],
    [-41, -4.4, 1],
    [1.2, -5.1, 1],
    [12.4, 9.5, -1],
    [-27, 4.5, -1],
  ] as const) {
    scene.add(makeStreetLamp(x, z, arm, weather.lampsLit).group);
  }
  addSun(scene, weather);
  return scene;
}

function place(scene: THREE.Scene, object: THREE.Object3D, x: number, z: number, turn: number): void {
  object.position.set(x, 0, z);
  object.rotation.y = turn;
  scene.add(object);
}

function lightUp(scene: THREE.Scene, renderer: THREE.WebGLRenderer, weather: Weather): void {
  const sky = skyTexture(weather, seededRandom(2, 'sky'));
  scene.background = sky;
  scene.environment = new THREE.PMREMGenerator(renderer).fromEquirectangular(smallSky(sky)).texture;
  scene.environmentIntensity = weather.skyLight;
  scene.fog = new THREE.Fog(weather.fogColour, ...weather.fogM);
  const [zenith, , horizon] = weather.skyColours;
  // Dull surfaces take no environment map: the sky and the ground light them through this one.
  const groundLight = weather.light === 'day' ? 0x6b6a58 : 0x25241f;
  const fill = new THREE.HemisphereLight(new THREE.Color(zenith).lerp(new THREE.Color(horizon), 0.6), groundLight);
  fill.intensity = weather.fill;
  scene.add(fill);
}
