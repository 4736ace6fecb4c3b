/**
 * Surfaces painted on canvases: nothing of the scene comes from an image file. Browser side; used by everything that
 * has a material. Anisotropy stays at 1: software WebGL is four times slower with more.
 */
import * as THREE from 'three';
import type { Random } from '../random.ts';

export type Pen = CanvasRenderingContext2D;

/** A canvas of the given size in pixels, painted by `draw`. */
export function paintCanvas(
  width: number,
  height: number,
  draw: (pen: Pen, width: number, height: number) => void,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width);
  canvas.height = Math.round(height);
  draw(penOf(canvas), canvas.width, canvas.height);
  return canvas;
}

/** Kept in main memory: it is uploaded once and never shown itself. */
export function penOf(canvas: HTMLCanvasElement): Pen {
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('this browser gives no 2D canvas');
  return pen;
}

export function colourTexture(canvas: HTMLCanvasElement, repeat: readonly [number, number] = [1, 1]) {
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  return tiled(texture, repeat);
}

/** Numbers and not colours: roughness, metalness, bumps. */
export function dataTexture(canvas: HTMLCanvasElement, repeat: readonly [number, number] = [1, 1]) {
  return tiled(new THREE.CanvasTexture(canvas), repeat);
}

function tiled(texture: THREE.CanvasTexture, [x, y]: readonly [number, number]): THREE.CanvasTexture {
  texture.wrapS = THREE.RepeatWrapping;
  texture.wrapT = THREE.RepeatWrapping;
  texture.repeat.set(x, y);
  texture.anisotropy = 1;
  return texture;
}

export interface Grain {
  readonly rgb: readonly [number, number, number];
  /** How far a grain's brightness lies from it, 0 … 255. */
  readonly amplitude: number;
  readonly count: number;
  readonly sizePx: readonly [number, number];
}

export function speckle(pen: Pen, random: Random, { rgb: [r, g, b], amplitude, count, sizePx }: Grain): void {
  const { width, height } = pen.canvas;
  for (let i = 0; i < count; i++) {
    const shade = random.between(-amplitude, amplitude);
    pen.fillStyle = `rgba(${r + shade},${g + shade},${b + shade * 0.8},.55)`;
    const size = random.between(...sizePx);
    pen.fillRect(random.uniform() * width, random.uniform() * height, size, size);
  }
}

export function blot(pen: Pen, x: number, y: number, radiusX: number, radiusY: number, angle = 0): void {
  pen.beginPath();
  pen.ellipse(x, y, radiusX, radiusY, angle, 0, 2 * Math.PI);
  pen.fill();
}

/** 128 × 64; the body's footprint covers 98 × 40 of it (contact-shadow.ts). */
export function contactShadowTexture(): THREE.CanvasTexture {
  return new THREE.CanvasTexture(
    paintCanvas(128, 64, (pen) => {
      pen.filter = 'blur(7px)';
      pen.fillRect(15, 12, 98, 40);
    }),
  );
}

/** Light around a lamp: white in the middle, nothing at the rim. */
export function glowTexture(): THREE.CanvasTexture {
  return new THREE.CanvasTexture(
    paintCanvas(64, 64, (pen) => {
      const glow = pen.createRadialGradient(32, 32, 0, 32, 32, 32);
      glow.addColorStop(0, 'rgba(255,255,255,1)');
      glow.addColorStop(0.12, 'rgba(255,255,255,.55)');
      glow.addColorStop(0.4, 'rgba(255,255,255,.13)');
      glow.addColorStop(1, 'rgba(255,255,255,0)');
      pen.fillStyle = glow;
      pen.fillRect(0, 0, 64, 64);
    }),
  );
}
