/**
 * The pictures of a render that is under way, beside its output: `<clip>.frames/000000.jpg …` and what they are of. A
 * render that was killed finds them again; pictures of something else are thrown away.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../scenario.ts';

const KEY_FILE = 'render.json';

export class FrameFolder {
  readonly path: string;
  readonly #done: Set<string>;

  /**
   * @param sceneHash changes when the scene is drawn differently
   * @param resume false: begins from nothing
   */
  constructor(path: string, scenario: Scenario, sceneHash: string, resume: boolean) {
    this.path = path;
    const key = createHash('sha256')
      .update(JSON.stringify([scenario, sceneHash]))
      .digest('hex');
    const keyPath = join(path, KEY_FILE);
    const isSame = resume && existsSync(keyPath) && readFileSync(keyPath, 'utf8') === key;
    if (!isSame) {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path, { recursive: true });
      writeFileSync(keyPath, key);
    }
    this.#done = new Set(readdirSync(path).filter((name) => name.endsWith('.jpg')));
  }

  has(frame: number): boolean {
    return this.#done.has(frameName(frame));
  }

  /** Whole or not at all: a kill never leaves half a picture. */
  put(frame: number, jpeg: Buffer): void {
    const name = frameName(frame);
    const half = join(this.path, `${name}.part`);
    writeFileSync(half, jpeg);
    renameSync(half, join(this.path, name));
    this.#done.add(name);
  }

  pathOf(frame: number): string {
    return join(this.path, frameName(frame));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function frameName(frame: number): string {
  return `${String(frame).padStart(6, '0')}.jpg`;
}

/** Over the compiled scene and three.js' version. */
export function hashFiles(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      if (name.endsWith('.js') || name === 'package.json') hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex');
}
