/**
 * Headlight beams on the road. Their number is fixed before the first picture, because a new light would make every
 * material compile again; those not needed are dark. Browser side.
 */
import * as THREE from 'three';
import type { BodyState } from '../scenario.ts';

export class Beams {
  readonly #lights: THREE.SpotLight[];

  constructor(scene: THREE.Scene, count: number) {
    this.#lights = Array.from({ length: count }, () => {
      const light = new THREE.SpotLight(0xfff0da, 0, 34, 0.36, 0.9, 1.7);
      scene.add(light, light.target);
      return light;
    });
  }

  /** One beam a vehicle; when there are more vehicles than beams, those nearest to the line get them. */
  aim(bodies: readonly BodyState[]): void {
    const lit = bodies
      .filter((body) => body.headlights && body.body !== 'cyclist' && body.body !== 'pedestrian')
      .sort((a, b) => Math.abs(a.center[0]) - Math.abs(b.center[0]));
    for (const [i, light] of this.#lights.entries()) {
      const body = lit[i];
      light.intensity = body ? 240 : 0;
      if (!body) continue;
      const [cos, sin] = [Math.cos(body.heading), Math.sin(body.heading)];
      const [x, z] = body.center;
      const nose = body.lengthM / 2 + 0.05;
      light.position.set(x + cos * nose, 0.72, z - sin * nose);
      light.target.position.set(x + cos * (nose + 12), -0.2, z - sin * (nose + 12));
      light.target.updateMatrixWorld();
    }
  }
}
