/**
 * One side of a vehicle as a drawing board in metres, origin lower left: every stroke lands on three canvases, colour,
 * finish (roughness in green, metalness in blue) and glow. Browser side.
 */
import * as THREE from 'three';
import { colourTexture, dataTexture, type Pen, paintCanvas, penOf } from './textures.ts';

type Spot = readonly [x: number, y: number];

export interface Fill {
  readonly colour: string | CanvasGradient;
  readonly roughness?: number;
  readonly metalness?: number;
  /** Radius of the corners, metres. */
  readonly round?: number;
  /** Colour it shines in when the lamps that the glow belongs to are on. */
  readonly glow?: string;
}

const PX_PER_M = 220;

export class Panel {
  readonly widthM: number;
  readonly heightM: number;
  readonly #colour: Pen;
  readonly #finish: Pen;
  readonly #glow: Pen;

  constructor(widthM: number, heightM: number, colour: string) {
    this.widthM = widthM;
    this.heightM = heightM;
    const board = (fill: string) =>
      penOf(
        paintCanvas(widthM * PX_PER_M, heightM * PX_PER_M, (pen, w, h) => {
          pen.fillStyle = fill;
          pen.fillRect(0, 0, w, h);
        }),
      );
    this.#colour = board(colour);
    // Lacquer: fairly smooth, a little metallic.
    this.#finish = board('rgb(0,90,40)');
    this.#glow = board('#000');
  }

  polygon(points: readonly Spot[], fill: Fill): void {
    this.#path(this.#colour, points, fill.round ?? 0);
    this.#fill(fill);
    this.#path(this.#finish, points, fill.round ?? 0);
    this.#finish.fill();
    if (fill.glow === undefined) return;
    this.#path(this.#glow, points, fill.round ?? 0);
    this.#glow.fillStyle = fill.glow;
    this.#glow.fill();
  }

  rect(x: number, y: number, w: number, h: number, fill: Fill): void {
    this.polygon(
      [
        [x, y],
        [x + w, y],
        [x + w, y + h],
        [x, y + h],
      ],
      fill,
    );
  }

  ellipse(x: number, y: number, radiusX: number, radiusY: number, fill: Fill): void {
    const draw = (pen: Pen) => {
      pen.beginPath();
      pen.ellipse(this.#x(x), this.#y(y), radiusX * PX_PER_M, radiusY * PX_PER_M, 0, 0, 2 * Math.PI);
      pen.fill();
    };
    this.#fill(fill, false);
    draw(this.#colour);
    draw(this.#finish);
    if (fill.glow === undefined) return;
    this.#glow.fillStyle = fill.glow;
    draw(this.#glow);
  }

  line(points: readonly Spot[], colour: string, widthM: number): void {
    const pen = this.#colour;
    pen.beginPath();
    for (const [x, y] of points) pen.lineTo(this.#x(x), this.#y(y));
    pen.strokeStyle = colour;
    pen.lineWidth = widthM * PX_PER_M;
    pen.lineJoin = 'round';
    pen.stroke();
  }

  circle(x: number, y: number, radius: number, colour: string, widthM: number): void {
    const pen = this.#colour;
    pen.beginPath();
    pen.arc(this.#x(x), this.#y(y), radius * PX_PER_M, 0, 2 * Math.PI);
    pen.strokeStyle = colour;
    pen.lineWidth = widthM * PX_PER_M;
    pen.stroke();
  }

  /** Cuts a round hole: the material needs an alpha test. */
  hole(x: number, y: number, radius: number): void {
    const pen = this.#colour;
    pen.globalCompositeOperation = 'destination-out';
    pen.beginPath();
    pen.arc(this.#x(x), this.#y(y), radius * PX_PER_M, 0, 2 * Math.PI);
    pen.fill();
    pen.globalCompositeOperation = 'source-over';
  }

  /** Middle of the text at x, its foot at y. Panels seen from the front have u running against the reading direction. */
  text(words: string, x: number, y: number, sizeM: number, colour: string, mirrored: boolean, glow?: string): void {
    for (const [pen, ink] of [
      [this.#colour, colour],
      [this.#glow, glow],
    ] as const) {
      if (ink === undefined) continue;
      pen.save();
      pen.translate(this.#x(x), this.#y(y));
      pen.scale(mirrored ? -1 : 1, 1);
      pen.fillStyle = ink;
      pen.font = `bold ${sizeM * PX_PER_M}px sans-serif`;
      pen.textAlign = 'center';
      pen.fillText(words, 0, 0);
      pen.restore();
    }
  }

  /** A vertical gradient for `colour`, from the foot up. */
  gradient(y0: number, y1: number, stops: readonly string[]): CanvasGradient {
    const gradient = this.#colour.createLinearGradient(0, this.#y(y0), 0, this.#y(y1));
    for (const [i, stop] of stops.entries()) gradient.addColorStop(i / (stops.length - 1), stop);
    return gradient;
  }

  /** Lacquer under a clear coat; `glow` follows the material's emissiveIntensity. */
  material(extra: THREE.MeshPhysicalMaterialParameters = {}): THREE.MeshPhysicalMaterial {
    const finish = dataTexture(this.#finish.canvas);
    return new THREE.MeshPhysicalMaterial({
      map: colourTexture(this.#colour.canvas),
      roughnessMap: finish,
      metalnessMap: finish,
      roughness: 1,
      metalness: 1,
      clearcoat: 1,
      clearcoatRoughness: 0.06,
      emissiveMap: colourTexture(this.#glow.canvas),
      emissive: 0xffffff,
      emissiveIntensity: 0,
      ...extra,
    });
  }

  #fill({ colour, roughness = 0.35, metalness = 0 }: Fill, _path = true): void {
    this.#colour.fillStyle = colour;
    this.#finish.fillStyle = `rgb(0,${Math.floor(roughness * 255)},${Math.floor(metalness * 255)})`;
    if (_path) this.#colour.fill();
  }

  #path(pen: Pen, points: readonly Spot[], round: number): void {
    pen.beginPath();
    if (round === 0) {
      for (const [x, y] of points) pen.lineTo(this.#x(x), this.#y(y));
    } else {
      for (const [i, [x, y]] of points.entries()) {
        const [nextX, nextY] = points[(i + 1) % points.length] ?? [x, y];
        const [lastX, lastY] = points.at(i - 1) ?? [x, y];
        if (i === 0) pen.moveTo(this.#x((x + lastX) / 2), this.#y((y + lastY) / 2));
        pen.arcTo(this.#x(x), this.#y(y), this.#x((x + nextX) / 2), this.#y((y + nextY) / 2), round * PX_PER_M);
      }
    }
    pen.closePath();
  }

  #x(metres: number): number {
    return metres * PX_PER_M;
  }

  #y(metres: number): number {
    return (this.heightM - metres) * PX_PER_M;
  }
}
