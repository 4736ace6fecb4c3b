/** The stage: renderer, scene, camera and the bodies on it; draws a picture of a moment. Browser side, one per page. */
import * as THREE from 'three';
import type { CarKind } from '../body-shape.ts';
import { seededRandom } from '../random.ts';
import type { BodyState, Light, SimCamera } from '../scenario.ts';
import { Beams } from './beams.ts';
import type { BodyModel } from './body-model.ts';
import { makeBus } from './bus.ts';
import { makeCar } from './car.ts';
import { makeCyclist } from './cyclist.ts';
import { makeNeighbourhood } from './neighbourhood.ts';
import { makePedestrian } from './pedestrian.ts';
import { drawRain } from './rain.ts';
import { appearanceOf, areaOf, boundsOf, mergeRects, type Project, type Rect, reachOf } from './redraw.ts';
import { castMovingShadow } from './sun.ts';
import { type Pen, paintCanvas, penOf } from './textures.ts';
import { type Weather, weatherOf } from './weather.ts';

export interface StageSettings {
  readonly width: number;
  readonly height: number;
  readonly camera: SimCamera;
  readonly light: Light;
  readonly rain: boolean;
  /** How many vehicles can have their headlights on at once. */
  readonly beams: number;
  readonly seed: number;
}

/** One moment, as the scenario's clock gives it. */
export interface Moment {
  readonly frame: number;
  readonly bodies: readonly BodyState[];
  /** The picture lies this far to the right and down, pixels. */
  readonly shiftPx: readonly [number, number];
}

interface Drawn {
  readonly appearance: string;
  readonly rect: Rect | null;
}

export class Stage {
  readonly #settings: StageSettings;
  readonly #weather: Weather;
  readonly #renderer: THREE.WebGLRenderer;
  readonly #scene: THREE.Scene;
  readonly #camera: THREE.PerspectiveCamera;
  readonly #beams: Beams;
  readonly #models = new Map<string, BodyModel>();
  readonly #overlay: Pen | null;
  /** What the last picture showed; null before the first. */
  #drawn: Map<string, Drawn> | null = null;
  #shift = '';

  constructor(settings: StageSettings) {
    const { width, height, light, rain, camera } = settings;
    this.#settings = settings;
    this.#weather = weatherOf(light, rain);
    const renderer = new THREE.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
    renderer.toneMapping = THREE.ACESFilmicToneMapping;
    renderer.toneMappingExposure = this.#weather.exposure;
    renderer.shadowMap.enabled = true;
    renderer.shadowMap.type = THREE.PCFShadowMap;
    renderer.setPixelRatio(1);
    renderer.setSize(width, height);
    this.#renderer = renderer;
    this.#scene = makeNeighbourhood(renderer, this.#weather);
    this.#beams = new Beams(this.#scene, this.#weather.lampsLit ? settings.beams : 0);
    this.#camera = new THREE.PerspectiveCamera(camera.fovDeg, width / height, 0.5, 500);
    this.#camera.position.set(...camera.position);
    this.#camera.lookAt(...camera.lookAt);
    this.#camera.updateMatrixWorld();
    this.#overlay = rain ? penOf(paintCanvas(width, height, () => {})) : null;
  }

  /** @returns share of the picture that was drawn again, 0 … 1 */
  draw(moment: Moment): number {
    this.#place(moment.bodies);
    const rects = this.#changed(moment);
    this.#renderer.shadowMap.autoUpdate = false;
    this.#renderer.shadowMap.needsUpdate = rects.length > 0;
    const { width, height } = this.#settings;
    for (const { x0, y0, x1, y1 } of rects) {
      this.#renderer.setScissorTest(true);
      // Its origin is the lower left corner, ours the upper one; three.js keeps OpenGL's here.
      this.#renderer.setScissor(x0, height - y1, x1 - x0, y1 - y0);
      this.#renderer.render(this.#scene, this.#camera);
    }
    if (this.#overlay) {
      this.#overlay.drawImage(this.#renderer.domElement, 0, 0);
      drawRain(this.#overlay, moment.frame + 7919 * this.#settings.seed, this.#weather.light === 'night');
    }
    return rects.reduce((sum, rect) => sum + areaOf(rect), 0) / (width * height);
  }

  /** The picture as JPEG. */
  encode(quality: number): Promise<Blob> {
    const canvas = this.#overlay?.canvas ?? this.#renderer.domElement;
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', quality);
    });
  }

  #place(bodies: readonly BodyState[]): void {
    for (const model of this.#models.values()) model.group.visible = false;
    for (const body of bodies) {
      const { group, pose } = this.#modelOf(body);
      group.visible = true;
      group.position.set(body.center[0], 0, body.center[1]);
      group.rotation.y = body.heading;
      pose(body);
    }
    this.#beams.aim(bodies);
  }

  #modelOf(body: BodyState): BodyModel {
    let model = this.#models.get(body.id);
    if (!model) {
      model = makeBody(body);
      this.#models.set(body.id, model);
      castMovingShadow(model.group);
      this.#scene.add(model.group);
    }
    return model;
  }

  #changed({ bodies, shiftPx }: Moment): Rect[] {
    const { width, height } = this.#settings;
    const shift = shiftPx.join();
    const isFirst = this.#drawn === null || shift !== this.#shift;
    if (shift !== this.#shift) {
      this.#camera.setViewOffset(width, height, -shiftPx[0], -shiftPx[1], width, height);
      this.#shift = shift;
    }
    const now = new Map<string, Drawn>();
    for (const body of bodies) {
      const rect = boundsOf(reachOf(body, this.#weather.sunFrom), this.#project, width, height);
      now.set(body.id, { appearance: appearanceOf(body), rect });
    }
    const before = this.#drawn ?? new Map<string, Drawn>();
    this.#drawn = now;
    const all: Rect = { x0: 0, y0: 0, x1: width, y1: height };
    if (isFirst) return [all];
    const ids = [...new Set([...before.keys(), ...now.keys()])];
    const changed = ids.filter((id) => before.get(id)?.appearance !== now.get(id)?.appearance);
    // A beam falls on everything before it.
    const isLit = (id: string) => bodies.some((body) => body.id === id && body.headlights) || !now.has(id);
    if (this.#weather.lampsLit && changed.some(isLit)) return [all];
    const rects = changed.flatMap((id) => [before.get(id)?.rect ?? null, now.get(id)?.rect ?? null]);
    return mergeRects(rects.filter((rect) => rect !== null));
  }

  readonly #project: Project = (point) => {
    const { width, height } = this.#settings;
    const seen = new THREE.Vector3(...point).applyMatrix4(this.#camera.matrixWorldInverse);
    if (seen.z > -this.#camera.near) return null;
    seen.applyMatrix4(this.#camera.projectionMatrix);
    return [((seen.x + 1) / 2) * width, ((1 - seen.y) / 2) * height];
  };
}

function makeBody({ id, body, colour }: BodyState): BodyModel {
  const random = seededRandom(id.length, id);
  if (body === 'bus') return makeBus(colour, `${Math.floor(random.between(10, 99))} Centre`);
  if (body === 'cyclist') return makeCyclist(colour);
  if (body === 'pedestrian') return makePedestrian(colour);
  return makeCar(body satisfies CarKind, colour, `SIM ${Math.floor(random.between(100, 999))}`);
}
