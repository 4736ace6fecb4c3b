/**
 * The sun (or the moon) with two shadow maps: one of everything that stands still, drawn once, and one of the bodies,
 * drawn for every picture. Software rendering would otherwise spend half of its time on the shadows of houses and trees.
 * Browser side.
 *
 * three.js has one map a light, so a second light carries the bodies' map and shines on nothing: the shader is changed
 * to let only the first directional light shine and to shade it with both maps. Layers say who is in which map.
 */
import * as THREE from 'three';
import type { Weather } from './weather.ts';

/** Layer of what throws a standing shadow; what is only in it throws a shadow and is not seen. */
export const STANDING = 1;
/** Layer of the bodies. */
const MOVING = 2;

/** Half of what the shadow maps cover, metres, around the place the sun looks at. */
const COVER_M = { across: 38, along: 30 } as const;
const LOOKS_AT = new THREE.Vector3(-4, 0, 0);
const DISTANCE_M = 60;

/** Called once everything that stands still is in the scene. */
export function addSun(scene: THREE.Scene, weather: Weather): void {
  shadeWithBothMaps();
  scene.traverse((object) => {
    if (object.castShadow) object.layers.enable(STANDING);
  });
  const sun = light(weather, STANDING);
  sun.intensity = weather.sunIntensity;
  sun.shadow.autoUpdate = false;
  sun.shadow.needsUpdate = true;
  const bodies = light(weather, MOVING);
  bodies.intensity = 0;
  scene.add(sun, sun.target, bodies, bodies.target);
}

/** Puts a body's shadow into the map that is drawn for every picture. */
export function castMovingShadow(body: THREE.Object3D): void {
  body.traverse((object) => {
    if (object.castShadow) object.layers.enable(MOVING);
  });
}

function light(weather: Weather, layer: number): THREE.DirectionalLight {
  const sun = new THREE.DirectionalLight(weather.sunColour);
  sun.position
    .set(...weather.sunFrom)
    .setLength(DISTANCE_M)
    .add(LOOKS_AT);
  sun.target.position.copy(LOOKS_AT);
  sun.castShadow = true;
  const { shadow } = sun;
  shadow.mapSize.set(2048, 2048);
  shadow.camera.left = -COVER_M.across;
  shadow.camera.right = COVER_M.across;
  shadow.camera.top = COVER_M.along;
  shadow.camera.bottom = -COVER_M.along;
  shadow.camera.far = 130;
  shadow.camera.layers.set(layer);
  shadow.radius = weather.rain ? 6 : 3;
  shadow.bias = -0.0006;
  shadow.normalBias = 0.03;
  return sun;
}

const ONE_MAP = 'directLight.color *= ( directLight.visible && receiveShadow ) ? getShadow( directionalShadowMap[ i ]';

/** Before the first material is compiled; more than once does no harm. */
function shadeWithBothMaps(): void {
  const chunk = THREE.ShaderChunk.lights_fragment_begin;
  if (chunk.includes('STOPSIGN_BOTH_MAPS')) return;
  const from = chunk.indexOf(ONE_MAP);
  const to = chunk.indexOf('#pragma unroll_loop_end', from);
  const shine = 'RE_Direct( directLight';
  if (from < 0 || chunk.indexOf(shine, from) > to)
    throw new Error('this three.js shades directional lights in another way');
  const line = chunk.slice(from, chunk.indexOf('\n', from));
  const second = line
    .replaceAll('[ i ]', '[ 1 ]')
    .replaceAll('directionalLightShadow.', 'directionalLightShadows[ 1 ].');
  const loop = chunk
    .slice(from, to)
    .replace(line, `${line}\n#if UNROLLED_LOOP_INDEX == 0 // STOPSIGN_BOTH_MAPS\n${second}\n#endif`)
    .replace(shine, `#if UNROLLED_LOOP_INDEX == 0\n${shine}`)
    .replace(/(RE_Direct\( directLight[^;]*;)/, '$1\n#endif');
  THREE.ShaderChunk.lights_fragment_begin = chunk.slice(0, from) + loop + chunk.slice(to);
}
